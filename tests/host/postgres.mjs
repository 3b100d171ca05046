// A real PostgreSQL server for tests: its own cluster in a temporary folder, reachable through a Unix socket only.
import { execFile, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { chmod, chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The folder of initdb, pg_ctl and postgres, or undefined. */
export function postgresPrograms() {
  const debian = existsSync("/usr/lib/postgresql")
    ? readdirSync("/usr/lib/postgresql")
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join("/usr/lib/postgresql", version, "bin"))
    : [];
  const path = (process.env.PATH ?? "").split(":");
  return [process.env.PG_BIN, ...debian, ...path]
    .filter((folder) => folder !== undefined && folder !== "")
    .find((folder) => ["initdb", "pg_ctl", "postgres"].every((name) => existsSync(join(folder, name))));
}

/** Why the tests on a server are skipped; false when they are not. */
export const noPostgres =
  postgresPrograms() === undefined && "no PostgreSQL server is installed (set PG_BIN, or install postgresql)";

/** Starts a server; `database(name)` makes an empty database and gives its URL. */
export async function startPostgres() {
  const bin = postgresPrograms();
  const folder = await mkdtemp(join(tmpdir(), "senate-pg-"));
  const user = await unprivileged();
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  await chmod(folder, 0o700);
  const data = join(folder, "data");
  const as = (program, args) => {
    const command = join(bin, program);
    return user === undefined ? [command, args] : ["setpriv", [...user.arguments, command, ...args]];
  };
  const env = { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" };
  await run(...as("initdb", ["-D", data, "-U", "senate", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]), {
    env,
    cwd: "/",
  });
  const settings = {
    listen_addresses: "",
    unix_socket_directories: folder,
    fsync: "off",
    max_connections: "120",
    log_min_messages: "fatal",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(...as("postgres", ["-D", data, ...options]), { env, cwd: "/", stdio: "ignore" });
  // Also when a test ends without asking.
  process.once("exit", () => server.kill("SIGQUIT"));
  const url = (database) => `postgresql://senate@localhost/${database}?host=${encodeURIComponent(folder)}`;
  const { default: pg } = await import("pg");
  const admin = async (sql) => {
    const client = new pg.Client({ connectionString: url("postgres") });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  };
  for (let attempt = 0; ; attempt += 1) {
    try {
      await admin("SELECT 1");
      break;
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  let made = 0;
  return {
    async database() {
      made += 1;
      const name = `test_${made}`;
      await admin(`CREATE DATABASE ${name}`);
      return url(name);
    },
    admin,
    /** The rows of a query on one of its databases. */
    async rows(connectionString, sql) {
      const client = new pg.Client({ connectionString });
      await client.connect();
      try {
        return await client.query(sql);
      } finally {
        await client.end();
      }
    },
    async stop() {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      // Immediate shutdown; the data is thrown away.
      server.kill("SIGQUIT");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL does not run as root; then `postgres`, or nobody, runs it. */
async function unprivileged() {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    try {
      const uid = Number((await run("id", ["-u", name])).stdout);
      const gid = Number((await run("id", ["-g", name])).stdout);
      return { uid, gid, arguments: [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"] };
    } catch {
      // Not a user of this machine.
    }
  }
  throw new Error("PostgreSQL does not run as root, and there is neither a user postgres nor nobody");
}
