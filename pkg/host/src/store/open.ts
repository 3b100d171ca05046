import { fileURLToPath } from "node:url";
import { MemoryStore } from "./memory.js";
import { migrate } from "./migrations.js";
import { openPglite } from "./pglite.js";
import { openPostgres, type PostgresOptions } from "./postgres.js";
import { SqlStore } from "./sql.js";
import type { Store } from "./store.js";

export type OpenStoreOptions = PostgresOptions;

/**
 * Opens a store and brings its tables up to date.
 *
 * `location` is `memory:`, a `postgres://` or `postgresql://` URL, or a folder (a path or a `file:` URL) in which an
 * embedded PostgreSQL keeps its data.
 *
 * @throws FolderLockedError when another process has the folder open.
 * @throws StoreError when the server cannot be reached, or the tables are a newer host's.
 */
export async function openStore(location: string, options: OpenStoreOptions = {}): Promise<Store> {
  if (location === "memory:" || location === "memory") return new MemoryStore();
  const driver = /^postgres(?:ql)?:\/\//.test(location)
    ? await openPostgres(location, options)
    : await openPglite(location.startsWith("file:") ? fileURLToPath(location) : location);
  try {
    await migrate(driver);
  } catch (error) {
    await driver.close();
    throw error;
  }
  return new SqlStore(driver);
}
