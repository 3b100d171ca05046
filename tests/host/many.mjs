// Many artifacts at once, put into a database past the host, and what is in it afterwards.
import { PGlite } from "@electric-sql/pglite";
import { join } from "node:path";
import pg from "pg";

/** Works on the database itself; no host may have a PGlite folder open meanwhile. */
export async function withDatabase(location, work) {
  if (location.startsWith("postgres")) {
    const client = new pg.Client({ connectionString: location });
    await client.connect();
    try {
      return await work(async (sql) => (await client.query(sql)).rows);
    } finally {
      await client.end();
    }
  }
  const database = await PGlite.create(join(location, "pgdata"));
  try {
    return await work(async (sql) => (await database.query(sql)).rows);
  } finally {
    await database.close();
  }
}

/** `n000001` and so on: notes with a text of some length, every third with stars. */
export function insertNotes(location, count, version = 1) {
  return withDatabase(location, (query) =>
    query(
      `INSERT INTO artifacts (id, artifact_type, metadata, schema_version, content_hash, created_at, updated_at)
       SELECT 'n' || lpad(i::text, 6, '0'), 'note',
         CASE WHEN i % 3 = 0 THEN jsonb_build_object('text', 'note ' || i || repeat(' and more', 12), 'stars', i % 6)
              ELSE jsonb_build_object('text', 'note ' || i || repeat(' and more', 12)) END,
         ${version}, 'sha256:' || encode(sha256(convert_to(i::text, 'UTF8')), 'hex'), now(), now()
       FROM generate_series(1, ${count}) AS i`,
    ),
  );
}
