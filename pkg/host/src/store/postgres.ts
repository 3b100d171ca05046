/** The driver for a PostgreSQL server. */
import pg from "pg";
import type { Sql, SqlDriver, SqlValue } from "./sql.js";
import { StoreError } from "./store.js";

export interface PostgresOptions {
  /** Connections at most. Default 10. */
  connections?: number;
  /** How long a statement waits for a lock before the store answers that it is busy. Default 10 s. */
  lockTimeoutMs?: number;
}

export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<SqlDriver> {
  const lockTimeout = options.lockTimeoutMs ?? 10_000;
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections ?? 10,
    connectionTimeoutMillis: 10_000,
    application_name: "schema-senate-host",
    types: {
      // Every bigint of these tables is a sequence number or a time, far below 2^53.
      getTypeParser: (oid: number, format?: "text" | "binary") =>
        oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format),
    },
  });
  // A server that goes away closes idle connections; without a listener that would end the process.
  pool.on("error", () => undefined);
  const driver: SqlDriver = {
    kind: "postgresql",
    location: describe(url),
    isExclusive: false,
    query: (text, params) => query(pool, text, params),
    script: async (text) => {
      await pool.query(text);
    },
    transaction: async (work) => {
      const client = await pool.connect();
      let broken: Error | undefined;
      const fail = (error: Error): void => {
        broken = error;
      };
      client.on("error", fail);
      try {
        await client.query("BEGIN");
        await client.query(`SET LOCAL lock_timeout = ${lockTimeout}`);
        const result = await work(session(client));
        await client.query("COMMIT");
        return result;
      } catch (error) {
        try {
          await client.query("ROLLBACK");
        } catch (rollback) {
          broken ??= rollback instanceof Error ? rollback : new Error(String(rollback));
        }
        throw error;
      } finally {
        client.off("error", fail);
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
  try {
    await driver.query("SELECT 1");
  } catch (error) {
    await pool.end();
    const message = error instanceof Error ? error.message || error.name : String(error);
    throw new StoreError(
      "store_unavailable",
      `PostgreSQL at ${driver.location} cannot be reached: ${message}`,
      {
        cause: error,
      },
    );
  }
  return driver;
}

function session(client: pg.PoolClient): Sql {
  return {
    query: (text, params) => query(client, text, params),
    script: async (text) => {
      await client.query(text);
    },
  };
}

async function query(
  on: pg.Pool | pg.PoolClient,
  text: string,
  params: readonly SqlValue[] = [],
): Promise<{ rows: Record<string, unknown>[]; count: number }> {
  // The extended protocol takes exactly one statement, also without parameters; the type does not know the member yet.
  const config: pg.QueryConfig & { queryMode: "extended" } = {
    text,
    values: [...params],
    queryMode: "extended",
  };
  const result = await on.query<Record<string, unknown>>(config);
  return { rows: result.rows, count: result.rowCount ?? 0 };
}

/** The URL without its password. */
function describe(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.password !== "") parsed.password = "***";
    return parsed.toString();
  } catch {
    return "postgres";
  }
}
