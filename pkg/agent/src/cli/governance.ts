/** What is in force, in words: the roster, the policy, the scope, and what was decided before. */
import type { ScopeEvaluation, ViewMap } from "schema-senate";
import { factLines, sentence } from "./report.js";
import { columns, safeLine, type Terminal, wrap } from "./terminal.js";
import { heading, moment } from "./views.js";

export function memberLines(view: ViewMap["members"], terminal: Terminal): string[] {
  const { members, history } = view;
  const rows = members.map((member) => [
    safeLine(member.id),
    member.role ?? "voter",
    safeLine(member.principal ?? member.id),
    safeLine(member.family ?? ""),
    member.key_id,
  ]);
  return [
    heading(`Members (${members.length}), epoch ${view.epoch}`, terminal),
    ...columns([["id", "role", "principal", "family", "key"], ...rows]),
    "",
    heading("History", terminal),
    ...columns(history.map(({ seq, at_ms, words }) => [`  ${seq}`, moment(at_ms), safeLine(words)])),
  ];
}

export function policyLines(view: ViewMap["policy"], terminal: Terminal): string[] {
  return [
    heading("In force", terminal),
    ...view.words.map((words) => `  ${wrap(safeLine(words), terminal.width - 2, "  ")}`),
    ...view.pending.flatMap(({ proposal_id, effective_ms, words }) => [
      "",
      heading(
        `To come: ${proposal_id}${effective_ms === undefined ? "" : `, in force from ${moment(effective_ms)}`}`,
        terminal,
      ),
      ...(words ?? []).map((one) => `  ${wrap(safeLine(one), terminal.width - 2, "  ")}`),
    ]),
    "",
    heading("History", terminal),
    ...columns(
      view.history.map(({ seq, at_ms, proposal_id }) => [
        `  ${seq}`,
        moment(at_ms),
        proposal_id === undefined ? "the founding" : `proposal ${proposal_id}`,
      ]),
    ),
  ];
}

export function scopeLines(view: ViewMap["scope"], terminal: Terminal): string[] {
  const { scope } = view;
  const list = (
    title: string,
    sentences: readonly string[] = [],
    keywords: readonly string[] = [],
  ): string[] =>
    sentences.length + keywords.length === 0
      ? []
      : [
          heading(title, terminal),
          ...sentences.map((one) => `  - ${wrap(safeLine(one), terminal.width - 4, "    ")}`),
          ...(keywords.length === 0
            ? []
            : [`  ${wrap(`keywords: ${keywords.map(safeLine).join(", ")}`, terminal.width - 2, "  ")}`]),
        ];
  const types = Object.entries(scope.types ?? {}).flatMap(([type, lists]) => [
    ...list(`In scope, on ${safeLine(type)}`, [], lists.keywords_in),
    ...list(`Out of scope, on ${safeLine(type)}`, [], lists.keywords_out),
  ]);
  const lines = [
    ...list("In scope", scope.in, scope.keywords_in),
    ...list("Out of scope", scope.out, scope.keywords_out),
    ...types,
  ];
  if (lines.length === 0) lines.push("Everything is in scope.");
  if ((scope.judges ?? []).length > 0)
    lines.push(...factLines([["judges", (scope.judges ?? []).map(safeLine).join(", ")]], terminal));
  return lines;
}

const verdicts = { in_scope: "in scope", out_of_scope: "out of scope", unclear: "unclear" } as const;

export function scopeEvaluationLines(evaluation: ScopeEvaluation, terminal: Terminal): string[] {
  const { verdict, reasoning, matches } = evaluation;
  const style = { in_scope: "green", out_of_scope: "red", unclear: "yellow" } as const;
  return [
    `${terminal.paint(style[verdict], verdicts[verdict])}: ${wrap(sentence(reasoning), terminal.width, "  ")}`,
    ...columns(
      matches.map(({ list, keyword, pointer }) => [`  ${list}`, safeLine(keyword), safeLine(pointer)]),
    ),
  ];
}
