// @ts-check
// Browsers and bundlers: fetched once, on `await init()`.

import { load } from "./instance.js";

export * from "./api.js";

/** @type {typeof import("./index.d.ts").init} */
export function init(source = new URL("./wasm/schema_senate.wasm", import.meta.url)) {
  return load(source);
}
