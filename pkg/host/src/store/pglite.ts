/** The driver for PGlite: PostgreSQL inside this process, its data in a folder that this process locks. */
import { PGlite } from "@electric-sql/pglite";
import { mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { lockFolder } from "./lock.js";
import type { Sql, SqlDriver, SqlValue } from "./sql.js";
import { StoreError } from "./store.js";

/** The part of PGlite and of its transactions that statements go through. */
interface Session {
  query(
    text: string,
    params?: SqlValue[],
  ): Promise<{ rows: Record<string, unknown>[]; affectedRows?: number | undefined }>;
  exec(text: string): Promise<unknown>;
}

/** Opens or creates `folder`. A first open takes some seconds, a later one under one. */
export async function openPglite(folder: string): Promise<SqlDriver> {
  const path = resolve(folder);
  await makeFolder(path);
  const lock = await lockFolder(path);
  try {
    const database = await PGlite.create(join(path, "pgdata"));
    return {
      kind: "pglite",
      location: path,
      isExclusive: true,
      ...session(database),
      transaction: (work) => lock.guard(() => database.transaction((tx) => work(session(tx)))),
      close: async () => {
        await database.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * Creates a folder and those above it. Not `recursive: true`: where a file system says that a folder in an existing one
 * cannot exist (as /proc does), Node tries for ever.
 */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
    return;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST" && (await isFolder(path))) return;
    if (code === "ENOENT" && !(await isFolder(dirname(path))) && dirname(path) !== path) {
      await makeFolder(dirname(path));
      return makeFolder(path);
    }
    const message = error instanceof Error ? error.message : String(error);
    throw new StoreError("store_unavailable", `The data folder ${path} cannot be created: ${message}`, {
      cause: error,
    });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function session(on: Session): Sql {
  return {
    query: async (text, params = []) => {
      const { rows, affectedRows } = await on.query(text, [...params]);
      return { rows, count: affectedRows ?? 0 };
    },
    script: async (text) => {
      await on.exec(text);
    },
  };
}
