/** Brings a database to this host's tables: numbered `.sql` files, each run once, none changed after it ran. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { Sql, SqlDriver } from "./sql.js";
import { StoreError } from "./store.js";

/** Where the files stand, seen from `dist/store/`. */
const FOLDER = new URL("../../sql/", import.meta.url);

/** Of this product's lock among the database's advisory locks: "senate" in ASCII. */
const LOCK = "126939226731621";

export interface MigrationFile {
  number: number;
  name: string;
  text: string;
  checksum: string;
}

/** The files in order. Refuses a gap or a number used twice: two branches that both took the next number. */
export async function migrationFiles(folder: URL = FOLDER): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_\w+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name, index) => {
      const number = Number(name.slice(0, 4));
      if (number !== index + 1) throw new Error(`${name} should have the number ${index + 1}`);
      const text = await readFile(new URL(name, folder), "utf8");
      return { number, name, text, checksum: createHash("sha256").update(text).digest("hex") };
    }),
  );
}

/** Runs what has not run yet, all in one transaction; hosts that start at once wait for one another. */
export async function migrate(driver: SqlDriver, files?: MigrationFile[]): Promise<void> {
  const wanted = files ?? (await migrationFiles());
  await driver.transaction(async (sql) => {
    await sql.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
    await sql.query(
      `CREATE TABLE IF NOT EXISTS host_migrations (
         number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
         applied_at timestamptz NOT NULL DEFAULT now())`,
    );
    const done = await applied(sql);
    for (const { number, name, checksum } of done) {
      const file = wanted.find((one) => one.number === number);
      if (file === undefined) {
        throw new StoreError("store_damaged", `The database was made by a newer host: it has ${name}.`);
      }
      if (file.checksum !== checksum) {
        throw new StoreError("store_damaged", `${file.name} was changed after it had run on this database.`);
      }
    }
    for (const file of wanted.slice(done.length)) {
      await sql.script(file.text);
      await sql.query("INSERT INTO host_migrations (number, name, checksum) VALUES ($1, $2, $3)", [
        file.number,
        file.name,
        file.checksum,
      ]);
    }
  });
}

async function applied(sql: Sql): Promise<{ number: number; name: string; checksum: string }[]> {
  const { rows } = await sql.query("SELECT number, name, checksum FROM host_migrations ORDER BY number");
  return rows.map((row) => ({
    number: Number(row["number"]),
    name: String(row["name"]),
    checksum: String(row["checksum"]),
  }));
}
