// @ts-check
// Cloudflare Workers and the like, where a module is imported and compiling bytes is forbidden.

import module from "./wasm/schema_senate.wasm";
import { start } from "./instance.js";

start(module);

export * from "./api.js";

/** @type {typeof import("./index.d.ts").init} */
export async function init() {}
