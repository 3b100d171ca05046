/** A connection, and rows as tables hold them: what every statement of the SQL stores stands on. */

export type SqlValue = string | number | boolean | null;

/** One connection, or one transaction of it. */
export interface Sql {
  /** One statement with its parameters. */
  query(
    text: string,
    params?: readonly SqlValue[],
  ): Promise<{ rows: Record<string, unknown>[]; count: number }>;
  /** A script of several statements. */
  script(text: string): Promise<void>;
}

export type Kind = "text" | "number" | "boolean" | "json" | "time";

/** A table, its key and its columns by the member of the row; a `time` member `x_ms` is the column `x_at`. */
export interface Table {
  name: string;
  key: string[];
  columns: Record<string, Kind>;
}

export function column(member: string, kind: Kind): string {
  return kind === "time" ? member.replace(/_ms$/, "_at").replace(/^registered_at$/, "created_at") : member;
}

export function select(table: Table): string {
  const list = Object.entries(table.columns).map(([member, kind]) => {
    const name = column(member, kind);
    if (kind === "time") return `(extract(epoch FROM ${name}) * 1000)::bigint AS ${member}`;
    return kind === "json" ? `${name}::text AS ${member}` : name;
  });
  return `SELECT ${list.join(", ")} FROM ${table.name}`;
}

/** The table's description is the row's type in data; the contract suite compares the two on every store. */
export function read<Row>(table: Table, row: Record<string, unknown>): Row {
  const entries = Object.entries(table.columns).map(([member, kind]) => {
    const value = row[member];
    if (value === null || value === undefined) return [member, null];
    if (kind === "number" || kind === "time") return [member, Number(value)];
    return [member, kind === "boolean" ? value === true : String(value)];
  });
  return Object.fromEntries(entries) as Row;
}

export function bind(table: Table, row: object): { columns: string; places: string; values: SqlValue[] } {
  const members = new Map<string, unknown>(Object.entries(row));
  const columns = Object.entries(table.columns);
  return {
    columns: columns.map(([member, kind]) => column(member, kind)).join(", "),
    places: columns.map((_, index) => `$${index + 1}`).join(", "),
    values: columns.map(([member, kind]): SqlValue => {
      const value = members.get(member);
      if (value === null || value === undefined) return null;
      if (typeof value === "boolean") return value;
      if (typeof value === "number") return kind === "time" ? time(value) : value;
      return kind === "json" ? String(value) : plain(String(value));
    }),
  };
}

export async function upsert(sql: Sql, table: Table, row: object): Promise<void> {
  const { columns, places, values } = bind(table, row);
  const rest = Object.entries(table.columns)
    .filter(([member]) => !table.key.includes(member))
    .map(([member, kind]) => column(member, kind))
    .map((name) => `${name} = excluded.${name}`);
  await sql.query(
    `INSERT INTO ${table.name} (${columns}) VALUES (${places})
     ON CONFLICT (${table.key.join(", ")}) DO UPDATE SET ${rest.join(", ")}`,
    values,
  );
}

export function time(ms: number): string {
  return new Date(ms).toISOString();
}

/** PostgreSQL's text cannot hold U+0000. The log keeps it, escaped; a projection shows the replacement character. */
export function plain(text: string): string {
  return text.replaceAll("\0", "\uFFFD");
}
