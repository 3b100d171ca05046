/** Runs the built command line as its users do: a process, its arguments, its streams, its exit code. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const program = fileURLToPath(new URL("../../pkg/agent/bin/senate.js", import.meta.url));
const fixtures = new URL("fixtures/", import.meta.url);

/** An address of this machine where nothing listens: a port that was free a moment ago. */
export async function nowhere() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}

export const fixture = (name) => fileURLToPath(new URL(name, fixtures));

const own = new Set([
  "SENATE_HOST",
  "SENATE_AS",
  "SENATE_KEY",
  "SENATE_KEY_PASSPHRASE",
  "SENATE_LOG_KEY",
  "DATABASE_URL",
  "FORCE_COLOR",
  "NO_COLOR",
  "NODE_OPTIONS",
]);

/** What the command line keeps: of this test file only. */
const state = mkdtempSync(join(tmpdir(), "senate-state-"));
process.once("exit", () => rmSync(state, { recursive: true, force: true }));

/** Without the variables that would change what a test sees. */
export function environment(more = {}) {
  const rest = Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.has(name)));
  return { ...rest, SENATE_STATE: state, ...more };
}

/** @returns {Promise<{code: number, stdout: string, stderr: string, json: () => any}>} */
export async function senate(args, { input, env, cwd } = {}) {
  const child = start(args, { env, cwd });
  const out = collect(child.stdout);
  const err = collect(child.stderr);
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? "");
  const [code] = await once(child, "close");
  const stdout = (await out).toString("utf8");
  return {
    code,
    stdout,
    stderr: (await err).toString("utf8"),
    json() {
      try {
        return JSON.parse(stdout);
      } catch {
        throw new Error(`not one JSON document: ${stdout.slice(0, 500)}`);
      }
    },
  };
}

export function start(args, { env, cwd } = {}) {
  return spawn(process.execPath, [program, ...args], { env: environment(env), cwd, stdio: "pipe" });
}

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Starts `senate serve` on a free port; resolves when it listens.
 *
 * @returns {Promise<{url: string, started: any, child: import("node:child_process").ChildProcess, stop: () => Promise<number | null>}>}
 */
export async function serve(args = [], { env, cwd } = {}) {
  const child = start(["serve", "--port", "0", "--json", ...args], { env, cwd });
  const err = collect(child.stderr);
  const exited = once(child, "close");
  const line = await Promise.race([once(createInterface({ input: child.stdout }), "line"), exited]);
  if (child.exitCode !== null) throw new Error(`serve ended with ${child.exitCode}: ${await err}`);
  const started = JSON.parse(line[0]);
  return {
    url: started.url,
    started,
    child,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      const [code] = await exited;
      return code;
    },
  };
}

/** An empty senate of three in memory, whose keys the host holds. */
export function serveThree() {
  return serve([
    "--memory",
    "--development",
    "--member",
    "ana",
    "--member",
    "ben",
    "--member",
    "eva",
    "--origin",
    "senate.test",
  ]);
}

/**
 * Keys of some members, in files of a folder, and the document that founds a senate with them.
 *
 * @returns {Promise<{file: (id: string) => string, publicKey: (id: string) => string, members: string}>}
 */
export async function keysOf(folder, members) {
  const file = (id) => join(folder, `${id}.pem`);
  const made = new Map();
  for (const { id } of members) {
    const answer = await senate(["key", "new", file(id), "--json"]);
    made.set(id, answer.json().public_key);
  }
  const listed = join(folder, "members.json");
  await writeFile(listed, JSON.stringify(members.map((member) => ({ ...member, key: made.get(member.id) }))));
  return { file, publicKey: (id) => made.get(id), members: listed };
}
