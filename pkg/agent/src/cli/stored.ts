/** The verdict over the stored artifacts in words, and how many of them are looked at. */
import type { StoredCount, StoredVerdict } from "../client.js";
import { wholeNumber } from "./command.js";
import { usageFault } from "./fault.js";
import { count, sentence } from "./report.js";
import { safeLine, type Terminal, wrap } from "./terminal.js";

const largest = 100_000;

export const limitOption = {
  type: "string",
  value: "N",
  help: "With --stored: look at N artifacts at most; default 2000",
} as const;

export function limitOf(values: { stored: boolean; limit: string | undefined }): number | undefined {
  if (values.limit === undefined) return undefined;
  if (!values.stored) throw usageFault("`--limit` belongs to `--stored`.");
  return wholeNumber("limit", values.limit, 1, largest);
}

export function storedLines(verdict: StoredVerdict, terminal: Terminal): string[] {
  const { artifact_type, version, stored, checked, sample, as_stored, after_migration } = verdict;
  if (stored === 0) return [`No artifact of ${safeLine(artifact_type)} is stored.`];
  const lines = [
    wrap(
      `Stored artifacts: ${counted(as_stored, checked)} valid under version ${version}${today(as_stored)}.`,
      terminal.width,
    ),
  ];
  if (after_migration !== undefined)
    lines.push(`After the migration: ${counted(after_migration, checked)} valid${today(after_migration)}.`);
  if (sample) {
    lines.push(
      wrap(
        `This is a sample: the first ${checked} of ${stored} in the order of their identifiers; \`--limit\` looks at more.`,
        terminal.width,
      ),
    );
  }
  // What still fails once the migration has run is what will stop it.
  const failing = after_migration ?? as_stored;
  for (const { artifact_id, pointer, code, message } of failing.failures) {
    lines.push(
      `  ${safeLine(artifact_id)} ${safeLine(pointer === "" ? "(whole artifact)" : pointer)} ${terminal.paint("dim", `[${code}]`)}`,
      `    ${wrap(sentence(message), terminal.width - 4, "    ")}`,
    );
  }
  const more = failing.invalid - failing.failures.length;
  if (more > 0) lines.push(`  … and ${count(more, "more artifact")}.`);
  return lines;
}

function counted({ valid }: StoredCount, checked: number): string {
  return `${valid} of ${checked} ${valid === 1 ? "is" : "are"}`;
}

function today({ invalid, invalid_today }: StoredCount): string {
  if (invalid_today === 0) return "";
  return `; of the other ${invalid}, ${invalid_today} ${invalid_today === 1 ? "is" : "are"} not valid today either`;
}
