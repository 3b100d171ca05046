/** A report as workflow commands of GitHub Actions, which shows them beside the lines that they are about. */
import type { CompatibilityReport, Json } from "schema-senate";
import { safe } from "./terminal.js";

/** GitHub shows ten of a kind for each step; more only make the log longer. */
const most = 50;

/** `bytes`: the new schema, which the workflow checked out as `file`. Nothing for a compatible change. */
export function annotationLines(report: CompatibilityReport, file: string, bytes: Uint8Array): string[] {
  if (report.verdict === "compatible") return [];
  const text = Buffer.from(bytes).toString("utf8");
  const positions = positionsIn(text);
  const kind = report.verdict === "breaking" ? "error" : "warning";
  const witness = "witness" in report ? `\nWitness: ${shown(report.witness as Json)}` : "";
  const line = (pointer: string, title: string, message: string): string => {
    const at = positionOf(text, positions, pointer);
    // Standard input is no file of the workflow.
    const place = file === "-" ? {} : { file, line: at.line, col: at.column };
    const properties = Object.entries({ ...place, title }).map(
      ([name, value]) => `${name}=${property(value)}`,
    );
    return `::${kind} ${properties.join(",")}::${data(safe(message))}`;
  };
  const differences = report.differences.slice(0, most);
  return [
    line("", report.verdict, `${report.reason}${witness}`),
    ...differences.map(({ rule, new_pointer, old_pointer, message }) =>
      line(new_pointer ?? old_pointer ?? "", rule, message),
    ),
  ];
}

function shown(witness: Json): string {
  const text = JSON.stringify(witness);
  return text.length > 1000 ? `${text.slice(0, 1000)}…` : text;
}

/** The message of a workflow command: one line, its breaks and percent signs escaped. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** The same for a property, which a colon or a comma would end. */
function property(value: string | number): string {
  return data(safe(String(value)))
    .replaceAll(":", "%3A")
    .replaceAll(",", "%2C");
}

/** Line and column, from 1, of the place or of the nearest one around it that there is. */
function positionOf(
  text: string,
  positions: ReadonlyMap<string, number>,
  pointer: string,
): { line: number; column: number } {
  let place = pointer;
  while (place !== "" && !positions.has(place)) place = place.slice(0, place.lastIndexOf("/"));
  const before = text.slice(0, positions.get(place) ?? 0);
  return { line: before.split("\n").length, column: before.length - before.lastIndexOf("\n") };
}

/**
 * Where each value of a JSON text begins, by its pointer; a member begins at its name. The core has read the text
 * already, so it is JSON: the tokens alone tell the places.
 */
function positionsIn(text: string): Map<string, number> {
  const positions = new Map<string, number>();
  /** The containers that are open: the pointer, and for an array the index of the next item. */
  const open: { pointer: string; next: number | undefined }[] = [];
  /** The pointer of the value that comes next, once its name was read. */
  let named: string | undefined;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]|[^\s{}[\],:"]+/g)) {
    if (token === "}" || token === "]") {
      open.pop();
      continue;
    }
    const container = open.at(-1);
    let pointer = "";
    if (container?.next !== undefined) {
      pointer = `${container.pointer}/${container.next++}`;
      positions.set(pointer, index);
    } else if (named !== undefined) {
      pointer = named;
      named = undefined;
    } else if (container !== undefined) {
      const name = JSON.parse(token) as string;
      named = `${container.pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      positions.set(named, index);
      continue;
    } else {
      positions.set("", index);
    }
    if (token === "{") open.push({ pointer, next: undefined });
    if (token === "[") open.push({ pointer, next: 0 });
  }
  return positions;
}
