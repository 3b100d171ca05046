// @ts-check
// Workers that are handed the module: nothing is fetched, nothing is looked for.

import { load, start } from "./instance.js";
import { MisuseError } from "./misuse.js";

export * from "./api.js";

/** @type {typeof import("./index.d.ts").init} */
export async function init(source) {
  if (source === undefined)
    throw new MisuseError("misuse", "`init` needs a compiled WebAssembly.Module here");
  if (source instanceof WebAssembly.Module) start(source);
  else await load(source);
}
