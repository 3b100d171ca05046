// @ts-check
// The one instance of the module: started by an entry, called by the API, replaced when it breaks.
//
// A trap or an exhausted stack leaves the instance's memory half written: every later call could fail or, worse, answer
// wrongly. So the call that broke it throws, a fresh instance of the same module takes its place, and handles notice by the
// generation that what they point to is gone.

import * as glue from "./wasm/schema_senate.js";
import { MisuseError } from "./misuse.js";

let ready = false;
let broken = false;
let generation = 0;

/**
 * Starts from a compiled module or its bytes, at once. Nothing happens when there is an instance already.
 *
 * @param {BufferSource | WebAssembly.Module} module
 */
export function start(module) {
  if (ready) return;
  glue.initSync({ module });
  ready = true;
}

/**
 * Fetches or takes a module. Concurrent calls share one start; after a failure the next call tries again.
 *
 * @param {Exclude<Parameters<typeof import("./index.d.ts").init>[0], undefined>} source
 */
export async function load(source) {
  if (ready) return;
  await glue.default({ module_or_path: source });
  ready = true;
}

/**
 * Which instance answers now.
 *
 * @returns {number}
 */
export function currentGeneration() {
  return generation;
}

/**
 * Calls the core. `work` gets the glue; what it throws as a string is an option that the boundary refused.
 *
 * @template T
 * @param {(core: typeof glue) => T} work
 * @returns {T}
 */
export function call(work) {
  if (!ready) throw new MisuseError("not_initialised", "call `await init()` once before anything else");
  if (broken && !replace()) throw fault("the core broke and no new instance could be started");
  try {
    return work(glue);
  } catch (error) {
    if (error instanceof MisuseError) throw error;
    if (typeof error === "string") throw new MisuseError("misuse", error);
    broken = true;
    // Where the stack was exhausted there may be none left here either. The next chance is as soon as it has unwound, and
    // before any finalizer could reach into the broken instance.
    if (!replace()) queueMicrotask(replace);
    throw fault("the core broke on this call; a new instance has taken over", error);
  }
}

/** @returns {boolean} whether an intact instance is there */
function replace() {
  if (!broken) return true;
  try {
    glue.__wbg_reset_state();
    generation += 1;
    broken = false;
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} message
 * @param {unknown} [cause]
 */
function fault(message, cause) {
  return new MisuseError("core_fault", message, cause);
}
