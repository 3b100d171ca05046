/** The core package, packed and installed: ESM, CommonJS, TypeScript, bundled. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { pack, project, run } from "./project.mjs";

const workspaces = ["pkg/core"];
const use = `
  const answer = canonicalize('{"b":1.0,"a":[]}');
  const { schema } = Schema.compile({ type: "integer" });
  const said = [answer.canonical, schema.isValid("1.0"), schema.isValid('"1"')];
  schema.free();
  console.log(JSON.stringify(said));`;
const said = '["{\\"a\\":[],\\"b\\":1}",true,false]\n';

test("the tarball holds the documented files, one of them a module", async () => {
  const { files, size } = await pack("pkg/core");
  assert.deepEqual(files, [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "api.js",
    "evidence.d.ts",
    "index.d.ts",
    "instance.js",
    "misuse.js",
    "node.js",
    "package.json",
    "senate.d.ts",
    "text.js",
    "votes.d.ts",
    "wasm/schema_senate.js",
    "wasm/schema_senate.wasm",
    "web.js",
    "worker.js",
    "workerd.js",
  ]);
  assert.ok(size < 2_000_000, `${size} bytes packed`);
});

test("an ES module imports it", async (t) => {
  const path = await project(t, {
    workspaces,
    files: { "use.js": `import { canonicalize, Schema } from "schema-senate";${use}` },
  });
  assert.equal(await run(process.execPath, ["use.js"], { cwd: path }), said);
  assert.deepEqual(
    await readdir(join(path, "node_modules")).then((names) => names.filter((name) => !name.startsWith("."))),
    ["schema-senate"],
  );
});

test(
  "CommonJS requires it",
  { skip: !process.features.require_module && "this Node cannot require ES modules" },
  async (t) => {
    const files = { "use.cjs": `const { canonicalize, Schema } = require("schema-senate");${use}` };
    const path = await project(t, { workspaces, files, type: "commonjs" });
    assert.equal(await run(process.execPath, ["--no-warnings", "use.cjs"], { cwd: path }), said);
  },
);

test("TypeScript finds its types under node16 and bundler resolution", async (t) => {
  const options = {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    target: "es2022",
    lib: ["es2023", "esnext.disposable"],
    types: [],
  };
  const config = (module, moduleResolution) =>
    JSON.stringify({ compilerOptions: { ...options, module, moduleResolution }, files: ["use.ts"] });
  const path = await project(t, {
    workspaces,
    files: {
      "node16.json": config("node16", "node16"),
      "bundler.json": config("esnext", "bundler"),
      "use.ts": `
        import { Schema, type Validation } from "schema-senate";
        import { init } from "schema-senate/web";
        export async function validate(text: string): Promise<Validation | undefined> {
          await init();
          const compiled = Schema.compile(text);
          return compiled.ok ? compiled.schema.validate("{}") : undefined;
        }
        // @ts-expect-error so that a package without types would be noticed
        Schema.compile(1);`,
    },
  });
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const compiler = join(dirname(manifest), "bin", "tsc");
  for (const config of ["node16.json", "bundler.json"])
    await run(process.execPath, [compiler, "-p", config], { cwd: path });
});

test("esbuild bundles it for a page with exactly one module", async (t) => {
  const path = await project(t, {
    workspaces,
    files: {
      "page.js": `
        import address from "schema-senate/schema_senate.wasm";
        import { canonicalize, init, Schema } from "schema-senate";
        export async function use(bytes) {
          await init(bytes ?? new URL(address, import.meta.url));
          ${use}
        }`,
      "run.js": `
        import { readFileSync, readdirSync } from "node:fs";
        import { use } from "./dist/page.js";
        const [module] = readdirSync("dist").filter((name) => name.endsWith(".wasm"));
        await use(readFileSync("dist/" + module));`,
    },
  });
  const { metafile, warnings } = await build({
    absWorkingDir: path,
    entryPoints: ["page.js"],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    outdir: "dist",
    loader: { ".wasm": "file" },
    metafile: true,
    logLevel: "silent",
  });
  assert.deepEqual(warnings, []);
  const outputs = Object.keys(metafile.outputs);
  assert.equal(outputs.filter((name) => name.endsWith(".wasm")).length, 1, outputs.join(", "));
  const script = metafile.outputs["dist/page.js"];
  assert.ok(script.bytes < 40_000, `${script.bytes} bytes of glue`);
  assert.deepEqual(
    script.imports.filter(({ path }) => path.startsWith("node:")),
    [],
    "nothing of Node in a page",
  );
  assert.equal(await run(process.execPath, ["run.js"], { cwd: path }), said);
});
