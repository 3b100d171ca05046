// @ts-check
// Node: ready when the import returns, by `import` and by `require`.

import { readFileSync } from "node:fs";
import { start } from "./instance.js";

start(readFileSync(new URL("./wasm/schema_senate.wasm", import.meta.url)));

export * from "./api.js";

/** @type {typeof import("./index.d.ts").init} */
export async function init() {}
