/** Each way into the package, in a process of its own. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { wasmFile } from "./module.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const wasm = JSON.stringify(fileURLToPath(wasmFile));

/** Runs a script and gives what it printed, parsed. */
async function run(script, flags = ["--input-type=module"]) {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, "--eval", script], {
    cwd: here,
  });
  assert.equal(stderr.replaceAll(/^.*(ExperimentalWarning|--trace-warnings).*\n?/gm, ""), "");
  return JSON.parse(stdout);
}

test("Node, import: ready at once, init is harmless", async () => {
  const said = await run(`
    import { canonicalize, init } from "schema-senate";
    const before = canonicalize('{"b":1,"a":2}').canonical;
    await Promise.all([init(), init("https://example.invalid/never-fetched.wasm")]);
    console.log(JSON.stringify([before, canonicalize("[1.0]").canonical]));`);
  assert.deepEqual(said, ['{"a":2,"b":1}', "[1]"]);
});

test(
  "Node, require: the same",
  { skip: !process.features.require_module && "this Node cannot require ES modules" },
  async () => {
    const script = `
    const core = require("schema-senate");
    import("schema-senate").then((imported) =>
      console.log(JSON.stringify([core.canonicalize("[1.0]").canonical, imported.Schema === core.Schema])));`;
    assert.deepEqual(await run(script, ["--input-type=commonjs"]), ["[1]", true]);
  },
);

test("Node, dynamic import from CommonJS", async () => {
  const script = `import("schema-senate").then(({ version }) => console.log(JSON.stringify(version())))`;
  assert.deepEqual(Object.keys(await run(script, ["--input-type=commonjs"])), ["version"]);
});

test("web: refuses before init, starts once for concurrent calls, tries again after a failure", async () => {
  const said = await run(`
    import { readFileSync } from "node:fs";
    import { canonicalize, init, MisuseError, Schema, version } from "schema-senate/web";
    const codes = [];
    for (const call of [() => canonicalize("1"), () => Schema.compile("{}"), version]) {
      try { call(); } catch (error) { codes.push(error instanceof MisuseError && error.code); }
    }
    await init(new Uint8Array([0, 97, 115, 109])).catch((error) => codes.push(error.name));
    const bytes = readFileSync(${wasm});
    const compile = WebAssembly.instantiate;
    let compiled = 0;
    // Node's own fetch instantiates a module, too.
    WebAssembly.instantiate = (...given) => ((compiled += given[0] === bytes ? 1 : 0), compile(...given));
    await Promise.all([init(bytes), init(bytes), init(bytes)]);
    await init();
    console.log(JSON.stringify([codes, compiled, canonicalize("[1.0]").canonical]));`);
  const refused = "not_initialised";
  assert.deepEqual(said, [[refused, refused, refused, "CompileError"], 1, "[1]"]);
});

test("web: fetches its own file by default", async () => {
  const said = await run(`
    import { readFileSync } from "node:fs";
    const asked = [];
    globalThis.fetch = async (url) => {
      asked.push(String(url).split("/").slice(-2).join("/"));
      return new Response(readFileSync(url), { headers: { "content-type": "application/wasm" } });
    };
    const { canonicalize, init } = await import("schema-senate/web");
    const before = asked.length;
    await init();
    console.log(JSON.stringify([before, asked, canonicalize("[1.0]").canonical]));`);
  assert.deepEqual(said, [0, ["wasm/schema_senate.wasm"], "[1]"]);
});

test("worker: takes a compiled module, asks for one", async () => {
  const said = await run(`
    import { readFileSync } from "node:fs";
    import { canonicalize, init } from "schema-senate/worker";
    const code = await init().catch((error) => error.code);
    await init(new WebAssembly.Module(readFileSync(${wasm})));
    console.log(JSON.stringify([code, canonicalize("[1.0]").canonical]));`);
  assert.deepEqual(said, ["misuse", "[1]"]);
});

test("workerd: the module is imported, never compiled from bytes", async () => {
  const loader = `
    import { readFileSync } from "node:fs";
    export async function load(url, context, next) {
      if (!url.endsWith(".wasm")) return next(url, context);
      const source = "const bytes = Uint8Array.from(atob('" + readFileSync(new URL(url)).toString("base64") +
        "'), (c) => c.charCodeAt(0)); export default new globalThis.RealModule(bytes);";
      return { format: "module", source, shortCircuit: true };
    }`;
  const script = `
    import { register } from "node:module";
    register("data:text/javascript," + encodeURIComponent(${JSON.stringify(loader)}));
    globalThis.RealModule = WebAssembly.Module;
    WebAssembly.Module = new Proxy(WebAssembly.Module, { construct() { throw new Error("compiling is forbidden"); } });
    WebAssembly.compile = WebAssembly.instantiate = () => { throw new Error("compiling is forbidden"); };
    const { canonicalize, init } = await import("schema-senate");
    await init();
    console.log(JSON.stringify(canonicalize("[1.0]").canonical));`;
  assert.deepEqual(await run(script, ["--input-type=module", "--conditions=workerd"]), "[1]");
});

test("a worker thread of Node has an instance of its own", async () => {
  const said = await run(`
    import { Worker } from "node:worker_threads";
    const script = 'import { parentPort } from "node:worker_threads"; import { canonicalize } from "schema-senate";' +
      'parentPort.postMessage(canonicalize("[1.0]").canonical);';
    const worker = new Worker(script, { eval: true });
    worker.once("message", (message) => console.log(JSON.stringify(message)));`);
  assert.equal(said, "[1]");
});

test("only the documented paths are there", async () => {
  const said = await run(`
    const codes = [];
    for (const path of ["api.js", "instance.js", "wasm/schema_senate.js"]) {
      await import("schema-senate/" + path).catch((error) => codes.push(error.code));
    }
    const { default: about } = await import("schema-senate/package.json", { with: { type: "json" } });
    console.log(JSON.stringify([codes, about.name, Object.keys(about.dependencies ?? {})]));`);
  assert.deepEqual(said, [Array(3).fill("ERR_PACKAGE_PATH_NOT_EXPORTED"), "schema-senate", []]);
});
