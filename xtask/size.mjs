// The size of the module as it travels, beside its budget (pkg/core/size-budget.json). Over budget: exit code 1.
import { readFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const read = (file) => readFileSync(new URL(`../pkg/core/${file}`, import.meta.url));
const wasm = read("wasm/schema_senate.wasm");
const budget = JSON.parse(read("size-budget.json").toString("utf8"));
const sizes = {
  raw: wasm.length,
  gzip: gzipSync(wasm, { level: 9 }).length,
  brotli: brotliCompressSync(wasm, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }).length,
};

for (const [kind, bytes] of Object.entries(sizes)) {
  const over = bytes > budget[kind];
  const line = `${kind.padEnd(6)} ${(bytes / 1000).toFixed(0).padStart(6)} kB of ${(budget[kind] / 1000).toFixed(0)} kB`;
  console.log(over ? `${line}  OVER BUDGET` : line);
  if (over) process.exitCode = 1;
}
