/** What a certificate proves and what an audit found, in words. */
import type { AuditReport, CertificateReport, Problem, Status } from "schema-senate";
import { count, factLines, indented, problemLines } from "./report.js";
import { columns, safeLine, type Terminal, wrap } from "./terminal.js";
import { heading, moment, statusWord, tallyLines } from "./views.js";

export function certificateLines(report: CertificateReport, terminal: Terminal): string[] {
  const { decision, ballots, electorate, witness } = report;
  const cast = new Map(ballots.map((ballot) => [ballot.voter_id, ballot]));
  const facts: [string, string][] = [
    ["proposal", report.proposal_id],
    ["senate", safeLine(report.origin)],
    ["target", safeLine(decision.target)],
    ["status", statusWord(decision.status as Status, terminal)],
  ];
  if (decision.reason !== undefined) facts.push(["decision", safeLine(decision.reason)]);
  if (decision.decided_ms !== undefined) facts.push(["decided", moment(decision.decided_ms)]);
  facts.push(["track", decision.track]);
  if (decision.verdict !== undefined) facts.push(["verdict", decision.verdict]);
  if (decision.rule !== undefined) facts.push(["rule", safeLine(decision.rule)]);
  if (decision.subject !== undefined) facts.push(["subject", decision.subject]);
  const lines = [terminal.paint("bold", safeLine(decision.title)), ...factLines(facts, terminal)];
  if (decision.tally !== undefined) {
    const rows = electorate.map(({ id }) => {
      const ballot = cast.get(id);
      return [safeLine(id), ballot?.choice ?? "not voted", safeLine(ballot?.reason ?? "")];
    });
    lines.push("", heading("Vote", terminal), ...tallyLines(decision.tally, terminal));
    lines.push(...columns(rows).map((line) => `  ${line}`));
  }
  if (witness !== undefined)
    lines.push("", "An artifact that is valid before and invalid after:", indented(witness));
  lines.push("", heading("Checks", terminal), ...checkLines(report.checks, terminal));
  lines.push("", heading("Trusted", terminal), ...trustLines(report, terminal));
  lines.push(...noteLines(report.notes, terminal));
  lines.push(
    "",
    `${terminal.paint("green", "Verified")}: ${count(report.events, "event")} decided again, ${count(report.signatures, "signature")} of members verified.`,
  );
  return lines;
}

/** A certificate that proves nothing: what was in order until then, and what is not. */
export function unverifiedLines(
  { checks, failed, problem }: { checks: CertificateReport["checks"]; failed: string; problem: Problem },
  terminal: Terminal,
  file: string,
): string[] {
  return [
    ...checkLines(checks, terminal),
    `${terminal.paint("red", "not ok")}  ${failed}`,
    ...problemLines([problem], terminal, file),
    "",
    `${terminal.paint("red", "Not verified")}: this file proves nothing.`,
  ];
}

function checkLines(checks: CertificateReport["checks"], terminal: Terminal): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length), 0) + 2;
  return checks.map(
    ({ name, words }) =>
      `${terminal.paint("green", "ok")}      ${name.padEnd(width)}${wrap(safeLine(words), terminal.width - width - 8, " ".repeat(width + 8))}`,
  );
}

/** What has to be believed for all this to be true, beside the core that says it. */
function trustLines(report: CertificateReport, terminal: Terminal): string[] {
  const inset = (text: string): string => `  - ${wrap(text, terminal.width - 4, "    ")}`;
  return [
    report.log_key_compared
      ? inset(`the key ${report.log_key}, which you named: its holder has shown everybody this log.`)
      : inset(
          `the key ${report.log_key}, on the word of this file alone: compare it with one from somebody you trust (--log-key).`,
        ),
    inset(
      `that the log with ${count(report.size, "event")} and the root ${report.root} is the one that others have seen too (--checkpoint compares one that was kept).`,
    ),
    inset("that the founding members' keys were theirs, and that each kept theirs."),
  ];
}

export function auditLines(report: AuditReport, terminal: Terminal, compared: string | undefined): string[] {
  const facts: [string, string][] = [
    ["senate", report.origin === null ? "not founded" : safeLine(report.origin)],
    ["events", String(report.events)],
    ["signatures", `${report.signatures} of members, each verified`],
    ["derived", `${count(report.derived, "event") || "none"} decided again, each as it stands`],
    ["root", report.root],
    [
      "checkpoint",
      compared ??
        "none was compared: whether the log's end is missing, and whether others see the same log, is open",
    ],
  ];
  return [
    `${terminal.paint("green", "The log is as it must be.")}`,
    ...factLines(facts, terminal),
    ...noteLines(report.notes, terminal),
  ];
}

function noteLines(notes: readonly string[], terminal: Terminal): string[] {
  return notes.map(
    (note) => `${terminal.paint("yellow", "note")}  ${wrap(safeLine(note), terminal.width - 6, "      ")}`,
  );
}
