/** What the module can reach, and what it carries. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { wasmBytes } from "./module.mjs";

const module = new WebAssembly.Module(wasmBytes());
const plain = (name) =>
  name
    .replace(/^__wbg_/, "")
    .replace(/^__wbindgen_/, "")
    .replace(/_[0-9a-f]{16}$/, "");

/** Conversions of the glue. Nothing here reads a clock, a file, the network or the page. */
const GLUE = [
  "Error",
  "Number",
  "String",
  "bigint_get_as_i64",
  "boolean_get",
  "debug_string",
  "in",
  "is_bigint",
  "is_function",
  "is_object",
  "is_string",
  "is_undefined",
  "jsval_eq",
  "jsval_loose_eq",
  "number_get",
  "string_get",
  "throw",
  "call",
  "compiledmigration_new",
  "compiledschema_new",
  "done",
  "entries",
  "generic",
  "get",
  "get_unchecked",
  "get_with_ref_key",
  "init_externref_table",
  "instanceof_ArrayBuffer",
  "instanceof_Object",
  "instanceof_Uint8Array",
  "isArray",
  "isSafeInteger",
  "iterator",
  "keys",
  "length",
  "new",
  "next",
  "prototypesetcall",
  "senatehandle_new",
  "value",
];
/** The one source of anything from outside: identifiers, where the host gives no entropy. */
const OUTSIDE = ["getRandomValues"];

test("the module imports conversions and randomness, and nothing else", () => {
  const imported = new Set(WebAssembly.Module.imports(module).map(({ name }) => plain(name)));
  const unexpected = [...imported].filter((name) => ![...GLUE, ...OUTSIDE].includes(name));
  assert.deepEqual(unexpected, []);
  assert.ok(imported.has("getRandomValues"));
});

test("the glue does not evaluate, fetch at import, or read a clock", () => {
  const glue = readFileSync(new URL("../../pkg/core/wasm/schema_senate.js", import.meta.url), "utf8");
  for (const word of [
    /\beval\(/,
    /new Function\(/,
    /Date\.now/,
    /performance\./,
    /Math\.random/,
    /import\.meta/,
  ]) {
    assert.doesNotMatch(glue, word);
  }
});

test("the core reads no clock: none of it is linked", () => {
  const text = Buffer.from(wasmBytes()).toString("latin1");
  assert.equal(text.includes("time not implemented on this platform"), false);
});

test("names and producers are stripped, features are not", () => {
  const sections = ["name", "producers", "target_features"].map(
    (name) => WebAssembly.Module.customSections(module, name).length,
  );
  assert.deepEqual(sections, [0, 0, 1]);
});

test("the package carries one module and no second copy of it", () => {
  const files = readdirSync(new URL("../../pkg/core/wasm/", import.meta.url)).sort();
  assert.deepEqual(files, ["schema_senate.d.ts", "schema_senate.js", "schema_senate.wasm"]);
});
