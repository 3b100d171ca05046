/** What the core found, in words for people: problems, verdicts, differences, errors of validation. */
import type {
  CompatibilityReport,
  Difference,
  DraftCheck,
  Hurts,
  Json,
  Problem,
  Validation,
  Verdict,
} from "schema-senate";
import { safe, safeLine, type Terminal, wrap } from "./terminal.js";

/** Past this a list helps nobody; the document of `--json` has them all. */
const mostProblems = 20;

export function problemLines(problems: readonly Problem[], terminal: Terminal, subject?: string): string[] {
  const more = problems.length - mostProblems;
  const lines = problems.slice(0, mostProblems).flatMap(({ severity, code, pointer, message, remedy }) => {
    const mark = severity === "error" ? terminal.paint("red", "error") : terminal.paint("yellow", "warning");
    const place = [subject, pointer === "" ? undefined : pointer]
      .filter((part) => part !== undefined)
      .join(" ");
    const lines = [
      `${mark}${place === "" ? "" : ` ${safeLine(place)}`} ${terminal.paint("dim", `[${code}]`)}`,
    ];
    lines.push(`  ${wrap(sentence(message), terminal.width - 2, "  ")}`);
    if (remedy !== undefined) lines.push(`  ${wrap(`→ ${sentence(remedy)}`, terminal.width - 2, "    ")}`);
    return lines;
  });
  return more > 0 ? [...lines, `… and ${count(more, "more problem")}; \`--json\` names them all.`] : lines;
}

export function verdictWord(verdict: Verdict, terminal: Terminal): string {
  const styles = { compatible: "green", breaking: "red", undecided: "yellow" } as const;
  return terminal.paint(styles[verdict], verdict);
}

/** `versions`: the names of the versions that `against` counts. */
export function reportLines(
  report: CompatibilityReport,
  terminal: Terminal,
  versions: readonly string[] = [],
): string[] {
  const mode = report.mode === "backward" ? "" : ` (${report.mode})`;
  const lines = [
    `${terminal.paint("bold", verdictWord(report.verdict, terminal))}${mode}: ${safe(report.reason)}`,
  ];
  if (report.verdict === "undecided") lines.push("Undecided counts as breaking.");
  if ("witness" in report && report.witness !== undefined) {
    lines.push("", ...witnessLines(report.witness, report, terminal));
  }
  const against = report.against === undefined ? undefined : versions[report.against];
  if (against !== undefined) lines.push("", `Compared with ${safeLine(against)}.`);
  for (const { sentence, witness } of report.ruled_out ?? []) {
    lines.push("", wrap(safeLine(sentence), terminal.width));
    if (witness !== undefined) lines.push(indented(witness));
  }
  if (report.differences.length > 0)
    lines.push("", "Differences:", ...differenceLines(report.differences, terminal));
  return lines;
}

/** The artifact that proves it, and where it is refused. */
function witnessLines(witness: Json, report: CompatibilityReport, terminal: Terminal): string[] {
  const place = report.witness_place;
  const lines = [
    place?.refused_by === "old"
      ? "An artifact that is valid under the new schema and refused by the old one:"
      : "An artifact that is valid before and invalid after:",
    report.witness_text === undefined ? indented(witness) : `  ${safeLine(report.witness_text)}`,
  ];
  if (place !== undefined) {
    const where = place.pointer === "" ? "the whole artifact" : place.pointer;
    lines.push(
      `  ${wrap(safeLine(`Refused at ${where}: ${place.message}`), terminal.width - 2, "  ")} ${terminal.paint("dim", `[${place.keyword}]`)}`,
    );
  }
  return lines;
}

export function differenceLines(differences: readonly Difference[], terminal: Terminal): string[] {
  return differences.flatMap(({ rule, hurts, old_pointer, new_pointer, message, repair }) => {
    const place = new_pointer ?? old_pointer ?? "";
    const said = hurts.length === 0 ? message : `${message} Can hurt ${hurtsWords(hurts)}.`;
    return [
      `  ${safeLine(place === "" ? "(whole schema)" : place)} ${terminal.paint("dim", `[${rule}]`)}`,
      `    ${wrap(safeLine(said), terminal.width - 4, "    ")}`,
      ...(repair === undefined
        ? []
        : [`    ${wrap(safeLine(`Repair: ${repair}`), terminal.width - 4, "    ")}`]),
    ];
  });
}

const WHOM: Record<Hurts, string> = { old_data: "old data", old_readers: "old readers" };

function hurtsWords(hurts: readonly Hurts[]): string {
  return hurts.map((whom) => WHOM[whom]).join(" and ");
}

export function validationLines(name: string, validation: Validation, terminal: Terminal): string[] {
  if (validation.valid) return [`${terminal.paint("green", "valid")}    ${safeLine(name)}`];
  const lines = [`${terminal.paint("red", "invalid")}  ${safeLine(name)}`];
  for (const { code, instance_path, message } of validation.errors) {
    lines.push(
      `  ${safeLine(instance_path === "" ? "(whole document)" : instance_path)} ${terminal.paint("dim", `[${code}]`)}`,
    );
    lines.push(`    ${wrap(sentence(message), terminal.width - 4, "    ")}`);
  }
  if (validation.truncated === true) lines.push("  … and more errors");
  return lines;
}

export function draftLines(check: DraftCheck, terminal: Terminal): string[] {
  const lines: string[] = [];
  const errors = check.problems.filter(({ severity }) => severity === "error").length;
  const warnings = check.problems.length - errors;
  const counts = [count(errors, "error"), count(warnings, "warning")].filter((words) => words !== "");
  lines.push(
    check.ok
      ? `${terminal.paint("green", "The draft can be proposed")}${warnings > 0 ? ` (${counts.join(", ")})` : ""}.`
      : `${terminal.paint("red", "The draft cannot be proposed")} (${counts.join(", ")}).`,
  );
  if (check.problems.length > 0) lines.push("", ...problemLines(check.problems, terminal));
  const facts: [string, string][] = [];
  if (check.artifact_type !== undefined) facts.push(["type", safeLine(check.artifact_type)]);
  if (check.use_cases.length > 0) facts.push(["use cases", check.use_cases.map(safeLine).join(", ")]);
  if (check.compatibility !== undefined) {
    const { verdict, reason } = check.compatibility;
    facts.push(["verdict", `${verdictWord(verdict, terminal)}: ${safeLine(reason)}`]);
  }
  if (check.claim !== undefined) {
    const { declared, computed, agrees } = check.claim;
    facts.push(["claim", `backward_compatible: ${declared}${agrees ? "" : `, but computed ${computed}`}`]);
  }
  if (check.track !== undefined) facts.push(["track", check.track]);
  if (check.needed !== undefined) facts.push(["vote", safeLine(check.needed.words)]);
  lines.push(...(facts.length > 0 ? ["", ...factLines(facts, terminal)] : []));
  const report = check.compatibility;
  if (report?.witness !== undefined) lines.push("", ...witnessLines(report.witness, report, terminal));
  for (const { sentence, witness } of report?.ruled_out ?? []) {
    lines.push("", wrap(safeLine(sentence), terminal.width));
    if (witness !== undefined) lines.push(indented(witness));
  }
  return lines;
}

/** A short list of named facts, their names in one column. */
export function factLines(facts: readonly (readonly [string, string])[], terminal: Terminal): string[] {
  const width = Math.max(...facts.map(([name]) => name.length)) + 2;
  return facts.map(
    ([name, value]) =>
      `${terminal.paint("dim", name.padEnd(width))}${wrap(value, terminal.width - width, " ".repeat(width))}`,
  );
}

export function indented(value: Json, by = "  "): string {
  return by + safe(JSON.stringify(value, null, 2)).replaceAll("\n", `\n${by}`);
}

export function count(number: number, word: string): string {
  return number === 0 ? "" : `${number} ${word}${number === 1 ? "" : "s"}`;
}

/** Ends with a full stop and begins with a capital, as a sentence of its own. */
export function sentence(text: string): string {
  const clean = safe(text);
  const first = clean.charAt(0).toUpperCase() + clean.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}
