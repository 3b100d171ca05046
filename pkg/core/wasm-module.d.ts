/** What workerd and bundlers of its kind give for `import … from "….wasm"`. Not published. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
