/** A migration in words for people: its plan, its rehearsal, how far it has come. */
import { type Json, type Lint, type Plan, type Problem, type Rehearsal, transformWords } from "schema-senate";
import type { MigrationProgress, RehearsedArtifact } from "../client.js";
import { count, factLines, indented, problemLines, sentence } from "./report.js";
import { columns, safe, safeLine, type Terminal, wrap } from "./terminal.js";

export type Dialect = keyof Plan["sql"];

/** `shown`: the statements of a dialect; `counted`: how many there are. */
export function planLines(plan: Plan, terminal: Terminal, sql: Dialect | "counted" = "postgresql"): string[] {
  const { transforms, columns: fields } = plan;
  const work =
    transforms.length === 0 ? "artifacts need no rewriting" : count(transforms.length, "transform");
  const strategy = plan.strategy === "batch" ? "" : `, ${plan.strategy.replaceAll("_", " ")}`;
  const lines = [
    `Migration of ${safeLine(plan.artifact_type)} from version ${plan.from_version} to ${plan.to_version}${strategy}: ${work}.`,
    ...transforms.map((transform) => inset(transformWords(transform), terminal)),
    ...fields.map(({ name, type, path, index }) =>
      inset(`keep ${path} also in the column ${name} (${type}${index ? ", with an index" : ""})`, terminal),
    ),
  ];
  lines.push(...lintLines(plan.lint, terminal));
  for (const note of plan.notes) lines.push(inset(`Note: ${sentence(note)}`, terminal));
  if (sql === "counted") {
    const { length } = plan.sql.postgresql.up;
    if (length > 0) lines.push(`  ${count(length, "SQL statement")}; \`--json\` has the text.`);
    return lines;
  }
  for (const statement of plan.sql[sql].up) {
    lines.push(terminal.paint("dim", `  ${safe(statement).replaceAll("\n", "\n  ")};`));
  }
  return lines;
}

export function lintLines(lint: readonly Lint[], terminal: Terminal): string[] {
  return problemLines(lint as readonly Problem[], terminal).map((line) => `  ${line}`);
}

export function rehearsalLines(
  rehearsal: Omit<Rehearsal, "digest"> & { digest?: string },
  terminal: Terminal,
): string[] {
  const { evidence, passed, current, digest } = rehearsal;
  const word = passed ? terminal.paint("green", "passed") : terminal.paint("red", "did not pass");
  const sample = evidence.sample ? ` (a sample of ${evidence.artifacts})` : "";
  const already =
    evidence.invalid_before === 0 ? "" : `; ${evidence.invalid_before} were not valid before either`;
  return [
    `The rehearsal ${word}${current ? "" : ", of an earlier plan"}.`,
    ...factLines(
      [
        [
          "looked at",
          `${evidence.looked_at}${sample} on ${safeLine(evidence.engine)}, ${evidence.duration_ms} ms`,
        ],
        ["changed", String(evidence.changed)],
        ["not valid", `${evidence.invalid_after}${already}`],
        ["undone", `${evidence.restored}; ${evidence.not_restored} not restored`],
        ["data", evidence.fingerprint],
        ...(digest === undefined ? [] : [["evidence", digest] as const]),
      ],
      terminal,
    ).map((line) => `  ${line}`),
    ...columns(
      evidence.failures.map(({ artifact_id, pointer, message }) => [
        `  ${safeLine(artifact_id)}`,
        safeLine(pointer === "" ? "(whole artifact)" : pointer),
        sentence(message),
      ]),
    ),
    ...evidence.unrestored.map(({ artifact_id, message }) =>
      inset(`${artifact_id}: ${sentence(message)}`, terminal),
    ),
  ];
}

/** One artifact before and after. */
export function rehearsedLines(artifact: RehearsedArtifact, terminal: Terminal): string[] {
  const { artifact_id, before, after, errors_after } = artifact;
  const valid = errors_after.length === 0;
  return [
    `${terminal.paint("bold", safeLine(artifact_id))}: ${valid ? terminal.paint("green", "valid") : terminal.paint("red", "not valid")} afterwards`,
    "  before",
    indented(before as Json, "    "),
    "  after",
    indented(after as Json, "    "),
    ...errors_after.map(({ pointer, message }) =>
      inset(`${pointer === "" ? "(whole artifact)" : pointer}: ${sentence(message)}`, terminal),
    ),
    ...artifact.skipped.map(({ pointer, message }) => inset(`${pointer}: ${sentence(message)}`, terminal)),
  ];
}

/** `staging 4200 of 100000 (4 %), 2100/s, 46 s left` */
export function progressWords(progress: MigrationProgress): string {
  const { phase, looked_at, total, percent, per_second, seconds_left } = progress;
  const rate = per_second === null ? "" : `, ${per_second}/s`;
  const left = seconds_left === null ? "" : `, ${seconds_left} s left`;
  return `${phase} ${looked_at} of ${total} (${percent} %)${rate}${left}`;
}

function inset(text: string, terminal: Terminal): string {
  return `  ${wrap(safeLine(text), terminal.width - 2, "    ")}`;
}
