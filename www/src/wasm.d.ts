/** The address of the core's one `.wasm` file, relative to the script; the build copies it beside. */
declare module "schema-senate/schema_senate.wasm" {
  const address: string;
  export default address;
}
