/** What the host shows of a senate, in words for people: types, proposals, votes, the archive. */
import type {
  CompatibilitySetting,
  ProposalSummary,
  ProposalView,
  SenateView,
  Status,
  Tally,
  TypeSummary,
  TypeView,
  ViewMap,
} from "schema-senate";
import {
  count,
  differenceLines,
  factLines,
  indented,
  planLines,
  problemLines,
  reportLines,
  verdictWord,
} from "./report.js";
import { columns, safe, safeLine, type Terminal, wrap } from "./terminal.js";

export function senateLines(
  view: SenateView,
  types: readonly TypeSummary[],
  live: readonly ProposalSummary[],
  terminal: Terminal,
): string[] {
  const archived = (Object.entries(view.proposals) as [Status, number][]).filter(
    ([status, number]) => number > 0 && status !== "review" && status !== "voting",
  );
  return [
    ...factLines(
      [
        ["senate", safeLine(view.origin)],
        ["members", `${view.members.length}: ${view.members.map(({ id }) => safeLine(id)).join(", ")}`],
        ["log", count(view.seq, "event") || "empty"],
        ["decided", archived.map(([status, number]) => `${number} ${status}`).join(", ") || "nothing yet"],
      ],
      terminal,
    ),
    "",
    heading("Rules", terminal),
    ...view.policy_words.map((words) => `  ${wrap(safeLine(words), terminal.width - 2, "  ")}`),
    "",
    heading(`Artifact types (${types.length})`, terminal),
    ...typeLines(types),
    "",
    heading(`Live proposals (${live.length})`, terminal),
    ...proposalLines(live, terminal, "None."),
  ];
}

export function typesLines(registry: {
  types: readonly TypeSummary[];
  unregistered?: readonly { artifact_type: string; artifacts: number }[];
}): string[] {
  const bare = (registry.unregistered ?? []).map(
    ({ artifact_type, artifacts }) => `  ${safeLine(artifact_type)}: ${count(artifacts, "artifact")}`,
  );
  return [...typeLines(registry.types), ...(bare.length === 0 ? [] : ["", "Without a schema:", ...bare])];
}

function typeLines(types: readonly TypeSummary[]): string[] {
  if (types.length === 0) return ["None. `senate import --type NAME FILE` registers one."];
  const rows = types.map(({ artifact_type, version, title, description, live_proposals }) => [
    safeLine(artifact_type),
    `v${version}`,
    live_proposals > 0 ? `${live_proposals} live` : "",
    clip(safeLine(description ?? title ?? ""), 70),
  ]);
  return columns(rows);
}

export function typeViewLines(view: TypeView, terminal: Terminal): string[] {
  const { current } = view;
  const lines = [
    ...factLines(
      [
        ["type", terminal.paint("bold", safeLine(view.artifact_type))],
        ["version", `${current.version}, draft ${current.draft}`],
        ["digest", current.digest],
        ["judged", judged(view.compatibility)],
        ["registered", `${moment(current.registered_ms)} by ${safeLine(current.proposed_by)}`],
        ...(Object.keys(current.references ?? {}).length > 0
          ? [
              [
                "refers to",
                Object.keys(current.references ?? {})
                  .map(safeLine)
                  .join(", "),
              ] as const,
            ]
          : []),
      ],
      terminal,
    ),
    "",
    heading("Schema", terminal),
    indented(current.schema),
    "",
    heading("History", terminal),
  ];
  for (const version of [...view.history].reverse()) {
    const by = version.proposal_id === undefined ? "" : `, proposal ${version.proposal_id}`;
    lines.push(
      `v${version.version}  ${moment(version.registered_ms)}  ${safeLine(version.proposed_by)}${by}`,
    );
    if (version.description !== "")
      lines.push(`    ${wrap(safeLine(version.description), terminal.width - 4, "    ")}`);
    lines.push(
      ...capped(differenceLines(version.differences, terminal), 24, "differences").map((line) => `  ${line}`),
    );
  }
  lines.push("", heading(`Live proposals (${view.live_proposals.length})`, terminal));
  lines.push(...proposalLines(view.live_proposals, terminal, "None."));
  return lines;
}

function judged({ mode, assumptions }: CompatibilitySetting): string {
  return `${mode}${assumptions.length === 0 ? "" : `, assuming ${assumptions.join(", ")}`}`;
}

export function proposalLines(
  proposals: readonly ProposalSummary[],
  terminal: Terminal,
  none: string,
): string[] {
  if (proposals.length === 0) return [none];
  return proposals.flatMap((proposal) => {
    const { id, status, target, title, proposer_id, tally, decision_reason, created_ms } = proposal;
    const kind = [
      proposal.change_type ?? proposal.proposal_type,
      `${proposal.track} track`,
      proposal.verdict,
    ];
    const lines = [
      `${id}  ${statusWord(status, terminal)}  ${terminal.paint("bold", safeLine(target))}: ${safeLine(title)}`,
      `    ${safeLine(proposer_id)}, ${moment(created_ms)}; ${kind.filter((word) => word !== undefined).join(", ")}`,
    ];
    if (tally !== undefined) lines.push(`    ${wrap(safeLine(tally.words), terminal.width - 4, "    ")}`);
    if (decision_reason !== undefined && decision_reason !== tally?.words)
      lines.push(`    ${wrap(safeLine(decision_reason), terminal.width - 4, "    ")}`);
    return lines;
  });
}

export function proposalViewLines(view: ProposalView, terminal: Terminal): string[] {
  const { migration } = view;
  const facts: (readonly [string, string])[] = [
    ["proposal", `${view.id}${(view.revision ?? 1) > 1 ? `, revision ${view.revision}` : ""}`],
    ["status", statusWord(view.status, terminal)],
    ["target", targetOf(view)],
    ["proposer", `${safeLine(view.proposer_id)}, ${moment(view.created_ms)}`],
    ...changeFacts(view, terminal),
    ["track", view.track],
  ];
  if (view.scope !== undefined)
    facts.push(["scope", `${view.scope.verdict.replaceAll("_", " ")}: ${safeLine(view.scope.reasoning)}`]);
  if (view.decision_reason !== undefined) facts.push(["decision", safeLine(view.decision_reason)]);
  if (view.cooling_ends_ms !== undefined && view.status === "cooling")
    facts.push(["in force", `from ${moment(view.cooling_ends_ms)}, when the cooling time is over`]);
  if (view.superseded_by !== undefined) facts.push(["superseded", `by ${view.superseded_by}`]);
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ["", heading(title, terminal), ...lines];
  return [
    terminal.paint("bold", safeLine(view.title)),
    ...factLines(facts, terminal),
    ...section("Rationale", rationaleLines(view, terminal)),
    ...section("Problems", problemLines(view.problems, terminal)),
    ...section("Compatibility", compatibilityLines(view, terminal)),
    ...section(
      "Concerns",
      view.concerns.flatMap((concern) => concernLines(concern, terminal)),
    ),
    ...section(
      "Debate",
      view.threads.flatMap((comment) => commentLines(comment, terminal, "  ")),
    ),
    ...section(
      "Recused",
      view.recused.map(
        ({ id, reason }) => `  ${wrap(`${safeLine(id)}: ${safeLine(reason)}`, terminal.width - 2, "    ")}`,
      ),
    ),
    ...section("Vote", voteLines(view, terminal)),
    ...section(
      "Dissent",
      (view.dissent ?? []).map(
        ({ voter_id, choice, reason }) =>
          `  ${wrap(`${safeLine(voter_id)} (${choice})${reason === undefined ? "" : `: ${safeLine(reason)}`}`, terminal.width - 2, "    ")}`,
      ),
    ),
    ...(migration === undefined
      ? []
      : section(`Migration (${migration.state})`, [
          ...planLines(migration.plan, terminal),
          ...(migration.reason === undefined ? [] : [`  ${safeLine(migration.reason)}`]),
          ...(migration.failures ?? []).map(
            ({ artifact_id, message }) => `  ${safeLine(artifact_id)}: ${safeLine(message)}`,
          ),
        ])),
    ...section("Precedents", (view.precedents ?? []).length === 0 ? [] : precedentLines(view, terminal)),
    ...section(
      "History",
      columns(view.history.map(({ seq, at_ms, words }) => [`  ${seq}`, moment(at_ms), safeLine(words)])),
    ),
  ];
}

/** What only a change of a schema has. */
function changeFacts(view: ProposalView, terminal: Terminal): (readonly [string, string])[] {
  const { compatibility, metadata } = view;
  return [
    ...(view.change_type === undefined
      ? []
      : [["change", `${view.change_type} ${safeLine(JSON.stringify(metadata.field_spec))}`] as const]),
    ...(compatibility === undefined
      ? []
      : [
          [
            "verdict",
            `${verdictWord(compatibility.verdict, terminal)}: ${safeLine(compatibility.reason)}`,
          ] as const,
        ]),
  ];
}

function compatibilityLines({ compatibility }: ProposalView, terminal: Terminal): string[] {
  if (compatibility === undefined) return [];
  if (compatibility.differences.length === 0 && compatibility.witness === undefined) return [];
  return capped(reportLines(compatibility, terminal), 40, "lines");
}

function rationaleLines({ metadata, addresses }: ProposalView, terminal: Terminal): string[] {
  return [
    ...safe(metadata.rationale)
      .split("\n")
      .map((line) => `  ${wrap(line, terminal.width - 2, "  ")}`),
    ...(metadata.use_cases ?? []).map(
      ({ who, need }) => `  - ${wrap(`${safeLine(who)}: ${safeLine(need)}`, terminal.width - 4, "    ")}`,
    ),
    ...(addresses ?? []).map(
      ({ proposal_id, what_changed }) =>
        `  ${wrap(`Different from ${proposal_id}: ${safeLine(what_changed)}`, terminal.width - 2, "  ")}`,
    ),
  ];
}

type Said = ProposalView["threads"][number];

function commentLines(comment: Said, terminal: Terminal, indent: string): string[] {
  const { id, by, at_ms, text, anchor, quote, replies } = comment;
  const place =
    anchor === undefined
      ? ""
      : ` on ${anchor.document === "current" ? "what is in force, " : ""}${safeLine(anchor.pointer === "" ? "the whole document" : anchor.pointer)}`;
  return [
    `${indent}${terminal.paint("dim", id)} ${safeLine(by)}, ${moment(at_ms)}${place}`,
    ...(quote === undefined
      ? []
      : [`${indent}  > ${clip(safeLine(quote), terminal.width - indent.length - 4)}`]),
    ...paragraphs(text, terminal, `${indent}  `),
    // Deep threads stay readable: past this they stand below one another.
    ...(replies ?? []).flatMap((reply) =>
      commentLines(reply, terminal, indent.length < 16 ? `${indent}  ` : indent),
    ),
  ];
}

function concernLines(concern: ProposalView["concerns"][number], terminal: Terminal): string[] {
  const { name, state, resolution, signed_by } = concern;
  const [first, ...rest] = commentLines(concern, terminal, "    ");
  return [
    `  ${terminal.paint(state === "open" ? "red" : "green", state)}  ${terminal.paint("bold", safeLine(name))}`,
    ...(first === undefined ? [] : [first]),
    ...rest,
    ...(resolution === undefined ? [] : paragraphs(`Resolved: ${resolution}`, terminal, "    ")),
    ...(signed_by === undefined || signed_by.length === 0
      ? []
      : [`    override signed by ${signed_by.map(safeLine).join(", ")}`]),
  ];
}

function paragraphs(text: string, terminal: Terminal, indent: string): string[] {
  return safe(text)
    .split("\n")
    .map((line) => `${indent}${wrap(line, terminal.width - indent.length, indent)}`);
}

function voteLines(view: ProposalView, terminal: Terminal): string[] {
  const { vote, needed } = view;
  if (vote === undefined) {
    if (view.status !== "review") return ["It was never opened."];
    return [
      ...(needed === undefined ? [] : [safeLine(needed.words)]),
      `Not open yet. \`senate open ${view.id} --as ID\` opens it.`,
    ];
  }
  const words = [...(view.rule?.words ?? []), ...(view.solution?.words ?? [])];
  const cast = new Map(vote.ballots.map((ballot) => [ballot.voter_id, ballot]));
  const rows = vote.electorate.map(({ id }) => {
    const ballot = cast.get(id);
    return [safeLine(id), ballot?.choice ?? "not voted", safeLine(ballot?.reason ?? "")];
  });
  return [
    ...tallyLines(vote.tally, terminal),
    ...words.map((one) => `  ${wrap(safeLine(one), terminal.width - 2, "  ")}`),
    ...factLines(
      [
        ["subject", vote.subject],
        ["opened", moment(vote.opened_ms)],
        ["closes", `${moment(view.closes_ms ?? vote.closes_ms)}${extended(view)}`],
      ],
      terminal,
    ),
    ...columns(rows).map((line) => `  ${line}`),
  ];
}

const extensions: Record<string, string> = {
  concern: "a concern was open at the close",
  flip: "a late ballot turned the outcome",
};

function extended({ extension }: ProposalView): string {
  if (extension === undefined) return "";
  return `, extended: ${extensions[extension.because] ?? safeLine(extension.because)}`;
}

export function precedentLines(
  { precedents = [] }: { precedents?: ViewMap["precedents"]["precedents"] },
  terminal: Terminal,
): string[] {
  return precedents.flatMap(({ proposal_id, title, status, words }) => [
    `${proposal_id}  ${statusWord(status, terminal)}  ${safeLine(title)}`,
    ...(words === undefined ? [] : [`    ${wrap(safeLine(words), terminal.width - 4, "    ")}`]),
  ]);
}

/** One line after an action: where the proposal stands now. */
export function standingLines(view: ProposalView, terminal: Terminal): string[] {
  const words = view.vote?.tally.words;
  const lines = [
    `${view.id}  ${statusWord(view.status, terminal)}${words === undefined ? "" : `: ${safeLine(words)}`}`,
  ];
  if (view.decision_reason !== undefined && view.decision_reason !== words)
    lines.push(safeLine(view.decision_reason));
  if (view.migration?.reason !== undefined) lines.push(safeLine(view.migration.reason));
  return lines;
}

export function tallyLines(tally: Tally, terminal: Terminal): string[] {
  const { members, yes, no, abstain, not_voted, threshold } = tally;
  const bar =
    members > 0 && members <= 40
      ? ` [${"#".repeat(yes)}${"x".repeat(no)}${"-".repeat(abstain)}${".".repeat(not_voted)}]`
      : "";
  return [
    `${terminal.paint("bold", safeLine(tally.words))}${bar}`,
    `  ${yes} yes, ${no} no, ${abstain} abstain, ${not_voted} not voted; ` +
      (threshold === null ? "no number of yes ballots approves" : `${threshold} of ${members} approve`),
  ];
}

export function statusWord(status: Status, terminal: Terminal): string {
  const styles = {
    review: "cyan",
    voting: "cyan",
    cooling: "green",
    approved: "green",
    migrating: "green",
    active: "green",
    superseded: "dim",
    migration_failed: "red",
    rejected: "red",
    expired: "yellow",
    withdrawn: "yellow",
    stale: "yellow",
  } as const;
  return terminal.paint(styles[status], status);
}

function targetOf(view: ProposalView): string {
  if (view.artifact_type === undefined || view.next === undefined) return safeLine(view.target);
  const from = view.base === undefined ? "new" : `version ${view.base.version}`;
  return `${safeLine(view.target)}, ${from} → version ${view.next.version}`;
}

export function heading(text: string, terminal: Terminal): string {
  return terminal.paint("bold", text);
}

/** UTC, to the second: the same on every machine. */
export function moment(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime())
    ? String(ms)
    : `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

function capped(lines: string[], most: number, what: string): string[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most), `  … and more ${what}; \`--json\` has them all`];
}
