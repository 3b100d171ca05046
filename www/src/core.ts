/**
 * The core in the page: fetched and compiled once, on first use, whichever element asks first. Every verdict, count
 * and difference that the page shows without the host comes from here.
 */
import wasm from "schema-senate/schema_senate.wasm";

export type Core = typeof import("schema-senate");

let compiling: Promise<WebAssembly.Module> | undefined;
let loading: Promise<Core> | undefined;

/** The compiled module: the page and its worker start their instances from the same one. */
export function compiledCore(): Promise<WebAssembly.Module> {
  compiling ??= compile(new URL(wasm, import.meta.url));
  // A failed fetch may succeed the next time it is asked for.
  compiling.catch(() => (compiling = undefined));
  return compiling;
}

async function compile(address: URL): Promise<WebAssembly.Module> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address.pathname}: ${response.status} ${response.statusText}`);
  // Compiling while it arrives needs the right type; a plain file server may not send it.
  return response.headers.get("content-type")?.startsWith("application/wasm")
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

export function core(): Promise<Core> {
  loading ??= Promise.all([import("schema-senate"), compiledCore()]).then(async ([module, compiled]) => {
    await module.init(compiled);
    return module;
  });
  loading.catch(() => (loading = undefined));
  return loading;
}
