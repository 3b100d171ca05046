// Speed and size beside the usual JavaScript peers, measured in this run. Ratios are honest: above 1 the peer is faster.
//
// Both sides start from the same JSON text, as it comes over a wire: the core reads text, a peer parses it first.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import addFormats from "ajv-formats";
import Ajv from "ajv/dist/2020.js";
import canonicalizeNpm from "canonicalize";
import { canonicalize, checkCompatibility, Schema, tally } from "schema-senate";
import { documents, schema } from "./documents.mjs";
import { compare, median, microseconds, table } from "./measure.mjs";
import { migration } from "./migration.mjs";

const wanted = process.argv.slice(2);
const encoder = new TextEncoder();
const ratio = (ours, peer) => `${(ours / peer).toFixed(2)}×`;

function newAjv() {
  const ajv = new Ajv({ strict: false });
  addFormats(ajv);
  return ajv;
}

const parts = {
  validate() {
    const compiled = Schema.compile(schema).schema;
    const ajv = newAjv().compile(schema);
    const rows = [];
    for (const [size, text] of Object.entries(documents)) {
      const bytes = encoder.encode(text);
      const parsed = JSON.parse(text);
      if (!compiled.isValid(text) || !ajv(parsed)) throw new Error(`${size} should be valid`);
      const took = compare({
        text: () => compiled.isValid(text),
        bytes: () => compiled.isValid(bytes),
        located: () => compiled.validate(text),
        object: () => compiled.isValid(parsed),
        peer: () => ajv(JSON.parse(text)),
        peerObject: () => ajv(parsed),
      });
      const { peer, peerObject } = took;
      rows.push([
        size,
        ...["text", "bytes", "located", "object"].map((way) => microseconds(took[way])),
        microseconds(peer),
        ratio(took.text, peer),
        microseconds(peerObject),
        ratio(took.object, peerObject),
      ]);
    }
    compiled.free();
    const head = [
      "valid document",
      "isValid(text)",
      "isValid(bytes)",
      "validate(text)",
      "isValid(object)",
      "JSON.parse + Ajv",
      "text : peer",
      "Ajv on object",
      "object : peer",
    ];
    table("Validate", head, rows);
  },

  compile() {
    const text = JSON.stringify(schema);
    const shared = newAjv();
    const took = compare({
      ours: () => Schema.compile(text).schema.free(),
      fresh: () => newAjv().compile(JSON.parse(text)),
      shared: () => {
        const parsed = JSON.parse(text);
        shared.compile(parsed);
        shared.removeSchema(parsed);
      },
    });
    table(
      "Compile one schema",
      ["", "schema-senate", "new Ajv", "ours : peer", "shared Ajv", "ours : peer"],
      [
        [
          "",
          microseconds(took.ours),
          microseconds(took.fresh),
          ratio(took.ours, took.fresh),
          microseconds(took.shared),
          ratio(took.ours, took.shared),
        ],
      ],
    );
  },

  canonical() {
    const rows = [];
    for (const [size, text] of Object.entries(documents)) {
      const peer = () =>
        createHash("sha256")
          .update(canonicalizeNpm(JSON.parse(text)))
          .digest("hex");
      if (canonicalize(text).digest !== `sha256:${peer()}`) throw new Error(`${size}: the digests differ`);
      const took = compare({ ours: () => canonicalize(text), peer });
      rows.push([size, microseconds(took.ours), microseconds(took.peer), ratio(took.ours, took.peer)]);
    }
    table(
      "Canonical text and SHA-256 from text",
      ["document", "schema-senate", "JSON.parse + canonicalize + node:crypto", "ours : peer"],
      rows,
    );
  },

  decide() {
    const before = JSON.stringify(schema);
    const after = JSON.stringify({ ...schema, required: ["id", "title", "samples", "status"] });
    const took = compare({
      "checkCompatibility, the same schema": () => checkCompatibility(before, before),
      "checkCompatibility, a new required member": () => checkCompatibility(before, after),
      tally: () => tally({ track: "additive", members: 6, yes: 3, no: 1, abstain: 0 }),
    });
    table(
      "No peer",
      ["", "schema-senate"],
      Object.entries(took).map(([name, value]) => [name, microseconds(value)]),
    );
  },

  size() {
    const wasm = readFileSync(new URL("../../pkg/core/wasm/schema_senate.wasm", import.meta.url));
    const kilobytes = (bytes) => `${(bytes.length / 1_000).toFixed(0)} kB`;
    const row = [
      kilobytes(wasm),
      kilobytes(gzipSync(wasm, { level: 9 })),
      kilobytes(brotliCompressSync(wasm)),
    ];
    table("Size of the module", ["", "raw", "gzip -9", "brotli -q11"], [["schema_senate.wasm", ...row]]);
  },

  start() {
    const script = (source) => [
      "--input-type=module",
      "--eval",
      `const t = performance.now(); ${source}; console.log(performance.now() - t)`,
    ];
    const ways = {
      "schema-senate": `const { Schema } = await import("schema-senate"); Schema.compile('{"type":"string"}').schema.isValid('"a"')`,
      "Ajv 2020": `const { default: Ajv } = await import("ajv/dist/2020.js"); new Ajv().compile(JSON.parse('{"type":"string"}'))(JSON.parse('"a"'))`,
      nothing: `await import("node:path")`,
    };
    const samples = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
    for (let round = 0; round < 9; round++) {
      for (const [name, source] of Object.entries(ways)) {
        const cwd = fileURLToPath(new URL(".", import.meta.url));
        const { stdout, status, stderr } = spawnSync(process.execPath, script(source), {
          cwd,
          encoding: "utf8",
        });
        if (status !== 0) throw new Error(stderr);
        samples[name].push(Number(stdout));
      }
    }
    const took = Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, median(values)]));
    const rows = Object.entries(took).map(([name, value]) => [
      name,
      `${value.toFixed(1)} ms`,
      ratio(value, took["Ajv 2020"]),
    ]);
    table("Import to first verdict, a fresh process", ["", "median of 9", "to Ajv"], rows);
  },

  migration,
};

const unknown = wanted.find((name) => !(name in parts));
if (unknown !== undefined) {
  console.error(`there is no measurement \`${unknown}\`; there are ${Object.keys(parts).join(", ")}`);
  process.exit(2);
}
console.log(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}`);
for (const [name, measure] of Object.entries(parts)) {
  if (wanted.length === 0 || wanted.includes(name)) await measure();
}
