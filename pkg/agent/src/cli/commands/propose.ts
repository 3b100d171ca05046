import { asOption, command, hostOption, jsonOption, operandsOf } from "../command.js";
import { actorOf, clientOf } from "../context.js";
import { proposerOf } from "../draft.js";
import { Exit, usageFault } from "../fault.js";
import { readJson } from "../input.js";
import { problemLines } from "../report.js";
import { standingLines } from "../views.js";

export const propose = command({
  name: "propose",
  summary: "Submit a draft as a proposal",
  usage: ["propose FILE --as ID [--open] [--host URL] [--json]"],
  details: [
    "FILE is a draft: {proposal_type, title?, metadata}, where metadata has target_artifact_type, change_type, field_spec, rationale, use_cases, migration_plan and backward_compatible. `senate check-draft` says beforehand what would be refused.",
  ],
  options: {
    ...asOption,
    open: { type: "boolean", help: "Open the vote at once" },
    ...hostOption,
    ...jsonOption,
  },
  examples: [{ line: "senate propose draft.json --as ana --open", says: "propose, and let the others vote" }],
  exits: { 0: "proposed (and opened)", 1: "refused; or proposed, but the vote could not be opened" },
  async run({ values, operands }, terminal) {
    const [file] = operandsOf("propose", operands, ["FILE"]);
    const client = clientOf(values.host, terminal);
    const draft = await readJson(file, terminal);
    const own = proposerOf(draft.bytes);
    if (own !== undefined && values.as !== undefined && own !== values.as) {
      throw usageFault(
        `The draft names \`${own}\` as its proposer, not \`${values.as}\`.`,
        "Take `proposer_id` out of the draft.",
      );
    }
    const actor = own ?? actorOf(values.as, terminal);
    const view = await client.propose(draft.bytes, {
      ...(own === undefined ? { proposer_id: actor } : {}),
      ...(values.open ? { open_voting: true } : {}),
    });
    const notices = view.notices ?? [];
    if (values.json) {
      terminal.json(view);
      return notices.length === 0 ? Exit.ok : Exit.no;
    }
    for (const line of problemLines([...view.problems, ...notices], terminal)) terminal.line(line);
    for (const line of standingLines(view, terminal)) terminal.line(line);
    terminal.line(
      view.status === "proposed"
        ? `\`senate open ${view.id} --as ${actor}\` opens the vote.`
        : `\`senate vote ${view.id} yes --as ID\` casts a ballot.`,
    );
    return notices.length === 0 ? Exit.ok : Exit.no;
  },
});

export const open = command({
  name: "open",
  summary: "Open the vote on a proposal",
  usage: ["open PROPOSAL --as ID [--host URL] [--json]"],
  details: [
    "Freezes what is voted on: content, base version, next schema, migration, policy, electorate and times, under one digest.",
  ],
  options: { ...asOption, ...hostOption, ...jsonOption },
  exits: { 0: "opened", 1: "refused" },
  async run({ values, operands }, terminal) {
    const [id] = operandsOf("open", operands, ["PROPOSAL"]);
    const view = await clientOf(values.host, terminal).open(id, actorOf(values.as, terminal));
    if (values.json) terminal.json(view);
    else for (const line of standingLines(view, terminal)) terminal.line(line);
    return Exit.ok;
  },
});

export const withdraw = command({
  name: "withdraw",
  summary: "Take a proposal back",
  usage: ["withdraw PROPOSAL --as ID [--reason TEXT] [--host URL] [--json]"],
  options: {
    ...asOption,
    reason: { type: "string", value: "TEXT", help: "Why; it stays with the archived proposal" },
    ...hostOption,
    ...jsonOption,
  },
  exits: { 0: "withdrawn", 1: "refused" },
  async run({ values, operands }, terminal) {
    const [id] = operandsOf("withdraw", operands, ["PROPOSAL"]);
    const view = await clientOf(values.host, terminal).withdraw(
      id,
      actorOf(values.as, terminal),
      values.reason,
    );
    if (values.json) terminal.json(view);
    else for (const line of standingLines(view, terminal)) terminal.line(line);
    return Exit.ok;
  },
});

export const migrate = command({
  name: "migrate",
  summary: "Run an approved proposal's migration again, after it had failed or was interrupted",
  usage: ["migrate PROPOSAL [--host URL] [--json]"],
  details: [
    "The host migrates by itself when a proposal is approved; the new version is current only afterwards.",
  ],
  options: { ...hostOption, ...jsonOption },
  exits: { 0: "applied", 1: "refused, or it failed again" },
  async run({ values, operands }, terminal) {
    const [id] = operandsOf("migrate", operands, ["PROPOSAL"]);
    const view = await clientOf(values.host, terminal).migrate(id);
    if (values.json) terminal.json(view);
    else for (const line of standingLines(view, terminal)) terminal.line(line);
    return view.status === "activated" ? Exit.ok : Exit.no;
  },
});
