// A migration by the host (staged, held against the transforms, validated, swapped in) beside the same change by hand in one
// UPDATE, which checks nothing and can only be stopped as a whole. Each measurement has a process of its own.
import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { noPostgres, startPostgres } from "../host/postgres.mjs";
import { temporaryFolder } from "../host/stage.mjs";
import { table } from "./measure.mjs";

const RUN = fileURLToPath(new URL("migration-run.mjs", import.meta.url));
const SIZES = (process.env.SENATE_BENCH_ARTIFACTS ?? "10000,100000").split(",").map(Number);

export async function migration() {
  const rows = [];
  for (const [kind, place] of [
    ["PGlite", embedded],
    ["PostgreSQL", served],
  ]) {
    if (kind === "PostgreSQL" && noPostgres) {
      console.log(`PostgreSQL left out: ${noPostgres}`);
      continue;
    }
    for (const count of SIZES) {
      const found = await place((location) => run(location, count));
      const perSecond = (ms) => `${Math.round((count * 1_000) / ms).toLocaleString("en")}/s`;
      rows.push([
        `${kind}, ${count.toLocaleString("en")}`,
        perSecond(found.rehearsed_ms),
        perSecond(found.migrated_ms),
        `${found.swapped_ms.toFixed(0)} ms`,
        perSecond(found.by_hand_ms),
        `${(found.migrated_ms / found.by_hand_ms).toFixed(1)}×`,
        `${Math.round(found.rss_before / 1e6)} MB`,
        `${Math.round(found.rss_most / 1e6)} MB`,
      ]);
    }
  }
  const head = [
    "artifacts",
    "rehearsed, up and down",
    "migrated",
    "of it the swap",
    "UPDATE by hand",
    "migrated : by hand",
    "memory before",
    "at most",
  ];
  table("Migrate stored artifacts", head, rows);
}

async function embedded(work) {
  const folder = await temporaryFolder();
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function served(work) {
  const server = await startPostgres();
  try {
    return await work(await server.database());
  } finally {
    await server.stop();
  }
}

/** The last line that the process says is what it has measured. */
async function run(location, count) {
  const child = spawn(process.execPath, ["--expose-gc", RUN, location, String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => (text += chunk));
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`the measurement on ${count} artifacts ended with ${code}: ${text}`);
  return JSON.parse(text.trimEnd().split("\n").at(-1));
}
