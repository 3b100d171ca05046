/**
 * Builds the page into dist/: one script that registers the elements, chunks that load when they are needed (the
 * core's glue, the code editor), two stylesheets, and exactly one .wasm.
 */
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build as bundle } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** `overrides` are esbuild options, e.g. another output folder. */
export async function build(overrides = {}) {
  const outdir = overrides.outdir ?? here("./dist");
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  await bundle({
    absWorkingDir: here("."),
    entryPoints: {
      senate: here("./src/senate.ts"),
      "check-worker": here("./src/draft/check-worker.ts"),
      "verify-worker": here("./src/verify/worker.ts"),
      "senate-elements": here("./src/styles/elements.css"),
      "senate-page": here("./src/styles/page.css"),
    },
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: ["es2022", "chrome123", "firefox120", "safari17.5"],
    loader: { ".wasm": "file" },
    chunkNames: "chunk-[hash]",
    assetNames: "[name]-[hash]",
    // Relative, so that the folder can be served from any path.
    publicPath: ".",
    minify: true,
    sourcemap: false,
    legalComments: "linked",
    logLevel: "warning",
    ...overrides,
  });
  for (const name of ["index.html", "icon.svg"])
    await copyFile(here(`./static/${name}`), `${outdir}/${name}`);

  const files = (await readdir(outdir)).sort();
  const modules = files.filter((file) => file.endsWith(".wasm"));
  if (modules.length !== 1) throw new Error(`dist must hold exactly one .wasm, it holds ${modules.length}`);
  return Promise.all(files.map((file) => pack(outdir, file)));
}

/** Compressed copies beside each file: the host sends them as they are. */
async function pack(folder, file) {
  const bytes = await readFile(`${folder}/${file}`);
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
  const gzip = gzipSync(bytes, { level: 9 });
  if (gzip.length < bytes.length) await writeFile(`${folder}/${file}.gz`, gzip);
  if (brotli.length < bytes.length) await writeFile(`${folder}/${file}.br`, brotli);
  return { file, bytes: bytes.length, brotli: brotli.length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { file, bytes, brotli } of await build()) {
    console.log(`${file.padEnd(40)} ${String(bytes).padStart(9)} B ${String(brotli).padStart(8)} B brotli`);
  }
}
