/** What is in force, in words: the roster, the policy, the scope. */
import type { ScopeEvaluation, ViewMap } from "schema-senate";
import { count, factLines, sentence } from "./report.js";
import { columns, safeLine, type Terminal, wrap } from "./terminal.js";
import { heading, moment, proposalLines } from "./views.js";

export function memberLines(view: ViewMap["members"], terminal: Terminal): string[] {
  const rows = view.members.map(({ id, role, principal, family, acts, key_id }) => [
    safeLine(id),
    role ?? "voter",
    safeLine(principal ?? id),
    safeLine(family ?? ""),
    String(acts),
    key_id,
  ]);
  return [
    heading(`Members (${view.members.length}), epoch ${view.epoch}`, terminal),
    ...columns([["id", "role", "principal", "family", "acts", "key"], ...rows]).map((line) => `  ${line}`),
    ...factLines(
      [["voters", `${view.electorate}, for ${count(Object.keys(view.principals).length, "principal")}`]],
      terminal,
    ),
    ...view.equivocations.map(({ member_id, nonce, first_seq }) =>
      wrap(
        `${terminal.paint("red", "equivocation")}: ${safeLine(member_id)} signed two acts under the number ${nonce}; the first, event ${first_seq}, stands.`,
        terminal.width,
        "  ",
      ),
    ),
    ...amended(view, terminal),
  ];
}

export function policyLines(view: ViewMap["policy"], terminal: Terminal): string[] {
  return [
    heading(`Policy, version ${view.version}`, terminal),
    ...view.words.map((words) => `  ${wrap(safeLine(words), terminal.width - 2, "  ")}`),
    ...amended(view, terminal),
  ];
}

export function scopeLines(view: ViewMap["scope"], terminal: Terminal): string[] {
  return [
    heading(`Scope, version ${view.version}`, terminal),
    ...view.words.map((words) => `  ${wrap(safeLine(words), terminal.width - 2, "  ")}`),
    ...keywordLines("", view.scope, terminal),
    ...Object.entries(view.scope.types).flatMap(([type, lists]) =>
      keywordLines(`on ${safeLine(type)}, `, lists, terminal),
    ),
    ...amended(view, terminal),
  ];
}

function keywordLines(
  where: string,
  { keywords_in, keywords_out }: { keywords_in: readonly string[]; keywords_out: readonly string[] },
  terminal: Terminal,
): string[] {
  const line = (side: string, keywords: readonly string[]): string[] =>
    keywords.length === 0
      ? []
      : [`  ${wrap(`${where}${side}: ${keywords.map(safeLine).join(", ")}`, terminal.width - 2, "    ")}`];
  return [...line("in", keywords_in), ...line("out", keywords_out)];
}

/** What was in force before, and what would change it. */
function amended(
  { history, pending }: Pick<ViewMap["policy"], "history" | "pending">,
  terminal: Terminal,
): string[] {
  return [
    "",
    heading("History", terminal),
    ...columns(
      history.map(({ version, at_ms, proposal_id }) => [
        `  ${version}`,
        moment(at_ms),
        proposal_id === null ? "the founding" : `proposal ${proposal_id}`,
      ]),
    ),
    "",
    heading(`Proposed changes (${pending.length})`, terminal),
    ...proposalLines(pending, terminal, "None."),
  ];
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
