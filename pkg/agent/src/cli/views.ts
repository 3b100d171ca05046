/** What the host shows of a senate, in words for people: types, proposals, votes, the archive. */
import type {
  CompatibilitySetting,
  ProposalMetadata,
  ProposalSummary,
  ProposalView,
  ScopeEvaluation,
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
  problemLines,
  reportLines,
  sentence,
  verdictWord,
} from "./report.js";
import { planLines, rehearsalLines } from "./migration.js";
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
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ["", heading(title, terminal), ...lines];
  const inset = (text: string): string => `  ${wrap(text, terminal.width - 2, "    ")}`;
  return [
    terminal.paint("bold", safeLine(view.title)),
    ...factLines(proposalFacts(view, terminal), terminal),
    ...section("Rationale", rationaleLines(view, terminal)),
    ...section(
      "Changes",
      (view.changes ?? []).map(({ words }) => inset(safeLine(words))),
    ),
    ...section("Problems", problemLines(view.problems, terminal)),
    ...section("Compatibility", compatibilityLines(view, terminal)),
    ...section(
      "Concerns",
      view.concerns.flatMap((concern) => concernLines(view, concern, terminal)),
    ),
    ...section(
      "Debate",
      view.threads
        .filter(({ is_concern }) => !is_concern)
        .flatMap((thread) => threadLines(thread, terminal, "  ")),
    ),
    ...section(
      "Recused",
      view.recused.map(({ member_id, reason }) => inset(`${safeLine(member_id)}: ${safeLine(reason)}`)),
    ),
    ...section("Vote", voteLines(view, terminal)),
    ...section(
      "Dissent",
      (view.dissent ?? []).map(({ voter_id, choice, reason }) =>
        inset(`${safeLine(voter_id)} (${choice})${reason === undefined ? "" : `: ${safeLine(reason)}`}`),
      ),
    ),
    ...(migration === undefined
      ? []
      : section(`Migration (${migration.state})`, [
          ...planLines(migration.plan, terminal),
          ...(migration.rehearsal === undefined ? [] : rehearsalLines(migration.rehearsal, terminal)),
          ...(migration.reason === undefined ? [] : [`  ${safeLine(migration.reason)}`]),
          ...(migration.failures ?? []).map(
            ({ artifact_id, message }) => `  ${safeLine(artifact_id)}: ${safeLine(message)}`,
          ),
        ])),
    ...section(
      "Live proposals on the same",
      view.conflicts.map(
        ({ proposal_id, title, status }) =>
          `  ${proposal_id}  ${statusWord(status, terminal)}  ${safeLine(title)}`,
      ),
    ),
    ...section("Precedents", precedentLines(view.precedents, terminal)),
    ...section(
      "History",
      columns(view.history.map(({ seq, at_ms, words }) => [`  ${seq}`, moment(at_ms), safeLine(words)])),
    ),
  ];
}

function proposalFacts(view: ProposalView, terminal: Terminal): (readonly [string, string])[] {
  const facts: (readonly [string, string])[] = [
    ["proposal", `${view.id}${view.revision > 1 ? `, revision ${view.revision}` : ""}`],
    ["status", statusWord(view.status, terminal)],
    ["target", targetOf(view)],
    ["proposer", `${safeLine(view.proposer_id)}, ${moment(view.created_ms)}`],
    ...changeFacts(view, terminal),
    ["track", view.track],
  ];
  const evaluation = view.scope.at(-1);
  if (evaluation !== undefined) {
    const judge = evaluation.judge ? ` Judged by ${safeLine(evaluation.judge)}.` : "";
    facts.push(["scope", `${scopeWords(evaluation)}${judge}`]);
  }
  if (view.appeal !== undefined) facts.push(["appeal", safeLine(view.appeal.justification)]);
  if (view.decision_reason !== undefined) facts.push(["decision", safeLine(view.decision_reason)]);
  if (view.status === "cooling" && view.effective_ms !== undefined)
    facts.push(["in force", `from ${moment(view.effective_ms)}, when the cooling time is over`]);
  if (view.superseded_by !== undefined) facts.push(["superseded", `by ${view.superseded_by}`]);
  return facts;
}

/** The verdict and why; the criteria's own reasoning begins with the verdict, a judge's need not. */
export function scopeWords({ verdict, reasoning }: Pick<ScopeEvaluation, "verdict" | "reasoning">): string {
  const words = verdict.replaceAll("_", " ");
  const said = reasoning.toLowerCase().startsWith(words) ? reasoning : `${words}: ${reasoning}`;
  return sentence(safeLine(said));
}

/** What only a change of a schema has. */
function changeFacts(view: ProposalView, terminal: Terminal): (readonly [string, string])[] {
  const { compatibility, metadata } = view;
  return [
    ...(view.change_type === undefined
      ? []
      : [
          [
            "change",
            `${view.change_type} ${safeLine(JSON.stringify(metadata["field_spec"] ?? null))}`,
          ] as const,
        ]),
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
  const { rationale, use_cases } = metadata as Partial<ProposalMetadata>;
  const inset = (text: string): string => `  ${wrap(text, terminal.width - 2, "  ")}`;
  return [
    ...safe(rationale ?? "")
      .split("\n")
      .map(inset),
    ...(use_cases ?? []).map(
      ({ who, need }) => `  - ${wrap(`${safeLine(who)}: ${safeLine(need)}`, terminal.width - 4, "    ")}`,
    ),
    ...(addresses ?? []).map(({ proposal_id, what_changed }) =>
      inset(`Different from ${proposal_id}: ${safeLine(what_changed)}`),
    ),
  ];
}

type Thread = ProposalView["threads"][number];

function threadLines({ replies, ...post }: Thread, terminal: Terminal, indent: string): string[] {
  return [
    ...postLines(post, terminal, indent),
    ...replies.flatMap((reply) => postLines(reply, terminal, `${indent}  `)),
  ];
}

function postLines(
  { id, by, at_ms, text, anchor, quote, reply_to }: Thread["replies"][number],
  terminal: Terminal,
  indent: string,
): string[] {
  const to = reply_to === undefined ? "" : `, to ${reply_to}`;
  return [
    `${indent}${terminal.paint("dim", id)} ${safeLine(by)}, ${moment(at_ms)}${to}${anchor === undefined ? "" : placeOf(anchor)}`,
    ...(quote === undefined
      ? []
      : [`${indent}  > ${clip(safeLine(quote), terminal.width - indent.length - 4)}`]),
    ...paragraphs(text, terminal, `${indent}  `),
  ];
}

function placeOf({ pointer, document }: NonNullable<Thread["anchor"]>): string {
  const where = pointer === "" ? "the whole document" : safeLine(pointer);
  return document === "current" ? `, on ${where} of what is in force` : `, on ${where}`;
}

function concernLines(
  view: ProposalView,
  { id, name, by, state, resolution, overrides, overrides_needed, post }: ProposalView["concerns"][number],
  terminal: Terminal,
): string[] {
  const thread = view.threads.find((thread) => thread.id === id);
  const signed = overrides.map(({ member_id, reason }) => `${safeLine(member_id)}: ${safeLine(reason)}`);
  return [
    `  ${terminal.paint(state === "open" ? "red" : "green", state)}  ${terminal.paint("bold", safeLine(name))}`,
    ...(thread !== undefined
      ? threadLines(thread, terminal, "    ")
      : post !== undefined
        ? postLines(post, terminal, "    ")
        : [`    ${terminal.paint("dim", id)} ${safeLine(by)}`]),
    ...(resolution === undefined ? [] : paragraphs(`Resolved: ${resolution}`, terminal, "    ")),
    ...(signed.length === 0
      ? []
      : [
          `    Overrides${overrides_needed === undefined ? "" : ` (${signed.length} of ${overrides_needed} needed)`}:`,
          ...signed.map((line) => `      ${wrap(line, terminal.width - 6, "      ")}`),
        ]),
  ];
}

function paragraphs(text: string, terminal: Terminal, indent: string): string[] {
  return safe(text)
    .split("\n")
    .map((line) => `${indent}${wrap(line, terminal.width - indent.length, indent)}`);
}

function voteLines(view: ProposalView, terminal: Terminal): string[] {
  const { vote, needed, rule } = view;
  const inset = (text: string): string => `  ${wrap(safeLine(text), terminal.width - 2, "  ")}`;
  const ruled = rule?.words === undefined ? [] : [inset(rule.words)];
  if (vote === undefined) {
    if (view.status !== "review") return ["It was never opened."];
    const from = view.opens_from_ms === undefined ? "" : `, from ${moment(view.opens_from_ms)} on`;
    return [
      ...(needed === undefined ? [] : [safeLine(needed.words)]),
      ...ruled,
      `Not open yet. \`senate open ${view.id} --as ID\` opens it${from}.`,
    ];
  }
  const cast = new Map(vote.ballots.map((ballot) => [ballot.voter_id, ballot]));
  const rows = vote.electorate.map(({ id }) => {
    const ballot = cast.get(id);
    return [safeLine(id), ballot?.choice ?? "not voted", safeLine(ballot?.reason ?? "")];
  });
  const because = vote.extended_because;
  return [
    ...tallyLines(vote.tally, terminal),
    ...ruled,
    // What can still happen is no news once it has.
    ...(view.status === "voting" ? vote.solution.words.map(inset) : []),
    ...factLines(
      [
        ["subject", vote.subject],
        ["opened", moment(vote.opened_ms)],
        [
          "closes",
          `${moment(vote.closes_ms)}${because === undefined ? "" : `, extended: ${extensions[because]}`}`,
        ],
      ],
      terminal,
    ),
    ...columns(rows).map((line) => `  ${line}`),
  ];
}

const extensions = {
  concern: "a concern was raised late",
  flip: "a late ballot turned the outcome",
} as const;

export function precedentLines(
  precedents: ViewMap["precedents"]["precedents"],
  terminal: Terminal,
): string[] {
  return precedents.flatMap(({ proposal_id, title, status, similarity, decision_reason, dissent }) => [
    `  ${proposal_id}  ${statusWord(status, terminal)}  ${safeLine(title)} (${Math.floor(similarity / 10)} % alike)`,
    ...(decision_reason ? [`    ${wrap(safeLine(decision_reason), terminal.width - 4, "    ")}`] : []),
    ...dissent.flatMap(({ voter_id, reason }) =>
      reason === undefined
        ? []
        : [`    ${wrap(`${safeLine(voter_id)}: ${safeLine(reason)}`, terminal.width - 4, "    ")}`],
    ),
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
    abandoned: "yellow",
  } as const;
  return terminal.paint(styles[status], status);
}

function targetOf(view: ProposalView): string {
  if (view.artifact_type === undefined || view.next.version === undefined) return safeLine(view.target);
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
