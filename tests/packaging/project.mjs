/** Throw-away projects that install the packed packages as users would. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../", import.meta.url));
const npm = process.platform === "win32" ? "npm.cmd" : "npm";

/** Runs a program and gives what it printed; what it printed on failure is in the error. */
export async function run(program, args, options = {}) {
  try {
    const { stdout } = await promisify(execFile)(program, args, { maxBuffer: 1 << 26, ...options });
    return stdout;
  } catch (error) {
    throw new Error(`${program} ${args.join(" ")}\n${error.stdout}\n${error.stderr}`, { cause: error });
  }
}

/** A folder that goes when the test ends. */
export async function folder(t) {
  const path = await mkdtemp(join(tmpdir(), "schema-senate-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

const packing = new Map();

/** Packs a workspace once: its tarball and the files in it. */
export function pack(workspace) {
  if (!packing.has(workspace)) packing.set(workspace, packed(workspace));
  return packing.get(workspace);
}

const tarballs = mkdtempSync(join(tmpdir(), "schema-senate-packed-"));
process.on("exit", () => rmSync(tarballs, { recursive: true, force: true }));

async function packed(workspace) {
  const args = ["pack", "--json", "--workspace", workspace, "--pack-destination", tarballs];
  const said = JSON.parse(await run(npm, args, { cwd: root }));
  const [about] = Array.isArray(said) ? said : Object.values(said);
  const files = about.files.map(({ path }) => path).sort();
  return { tarball: join(tarballs, about.filename), files, name: about.name, size: about.size };
}

/** A project with these files and these packed workspaces installed; nothing of the repository is within its reach. */
export async function project(t, { workspaces, files, type = "module" }) {
  const path = await folder(t);
  const all = {
    "package.json": JSON.stringify({ name: "user", version: "1.0.0", private: true, type }),
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  const packages = await Promise.all(workspaces.map(pack));
  // Whatever the workspaces depend on was installed for the repository, so it comes from npm's cache.
  const args = [
    "install",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--loglevel",
    "error",
  ];
  await run(npm, [...args, ...packages.map(({ tarball }) => tarball)], { cwd: path });
  return path;
}
