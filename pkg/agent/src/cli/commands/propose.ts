import type { ProposalView } from "schema-senate";
import { actOptions, command, hostOption, jsonOption, operandsOf } from "../command.js";
import { actingClient, clientOf, proposalId } from "../context.js";
import { memberOf } from "../draft.js";
import { Exit, type ExitCode, usageFault } from "../fault.js";
import { readJson } from "../input.js";
import { problemLines } from "../report.js";
import type { Terminal } from "../terminal.js";
import { standingLines } from "../views.js";

/** What stands now, after an act. */
export function standing(view: ProposalView, json: boolean, terminal: Terminal): ExitCode {
  if (json) terminal.json(view);
  else for (const line of standingLines(view, terminal)) terminal.line(line);
  return Exit.ok;
}

export const propose = command({
  name: "propose",
  summary: "Submit a draft as a proposal: of a schema, the policy, the members or the scope",
  usage: ["propose FILE --as ID [--key FILE] [--open] [--addresses PROPOSAL=TEXT]… [--host URL] [--json]"],
  details: [
    "FILE is a draft: {proposal_type, title?, metadata}. For a schema_change the metadata has target_artifact_type, change_type, field_spec, rationale, use_cases, migration_plan and backward_compatible; `senate check-draft` says beforehand what would be refused.",
    "For a policy_change it is {policy, rationale}, with the members of the policy that change; for a membership_change {changes, rationale}, each change one of {enrol: {id, key, …}}, {retire: {id}}, {amend: {id, …}} and {replace_key: {id, key}}; for a scope_change {scope, rationale}.",
    "A proposal that is like one that was rejected must say what is different now: --addresses, once for each.",
  ],
  options: {
    open: { type: "boolean", help: "Open the vote at once" },
    addresses: {
      type: "string",
      multiple: true,
      value: "PROPOSAL=TEXT",
      help: "What is different from this rejected proposal. May be repeated",
    },
    ...actOptions,
  },
  examples: [
    { line: "senate propose draft.json --as ana --open", says: "propose, and let the others vote" },
    { line: "senate propose draft.json --key ana.pem", says: "signed; the key says who acts" },
  ],
  exits: { 0: "proposed (and opened)", 1: "refused; or proposed, but the vote could not be opened" },
  async run({ values, operands }, terminal) {
    const [file] = operandsOf("propose", operands, ["FILE"]);
    const addresses = values.addresses.map(addressed);
    const draft = await readJson(file, terminal);
    const own = memberOf(draft.bytes, "proposer_id");
    if (own !== undefined && values.as !== undefined && own !== values.as) {
      throw usageFault(
        `The draft names \`${own}\` as its proposer, not \`${values.as}\`.`,
        "Take `proposer_id` out of the draft.",
      );
    }
    const { client, actor } = await actingClient(values, terminal, own);
    const view = await client.propose(draft.bytes, {
      by: actor,
      ...(addresses.length > 0 ? { addresses } : {}),
      ...(values.open ? { open_voting: true } : {}),
    });
    const notices = view.notices ?? [];
    const exit = notices.length === 0 ? Exit.ok : Exit.no;
    if (values.json) {
      terminal.json(view);
      return exit;
    }
    for (const line of problemLines([...view.problems, ...notices], terminal)) terminal.line(line);
    for (const line of standingLines(view, terminal)) terminal.line(line);
    if (view.status === "review") terminal.line(`\`senate open ${view.id} --as ${actor}\` opens the vote.`);
    if (view.status === "voting") terminal.line(`\`senate vote ${view.id} yes --as ID\` casts a ballot.`);
    return exit;
  },
});

function addressed(given: string): { proposal_id: string; what_changed: string } {
  const at = given.indexOf("=");
  if (at < 1)
    throw usageFault(
      `\`--addresses ${given}\` does not say what is different.`,
      "Write `--addresses PROPOSAL=TEXT`.",
    );
  return { proposal_id: given.slice(0, at).toUpperCase(), what_changed: given.slice(at + 1) };
}

export const revise = command({
  name: "revise",
  summary: "Put new content in the place of a proposal's, while it is in review",
  usage: ["revise PROPOSAL FILE --as ID [--key FILE] [--host URL] [--json]"],
  details: [
    "FILE is a draft as for `senate propose`; its title and its metadata are taken. The review begins anew; comments and concerns stay. Only the proposer can revise.",
  ],
  options: actOptions,
  exits: { 0: "revised", 1: "refused" },
  async run({ values, operands }, terminal) {
    const [id, file] = operandsOf("revise", operands, ["PROPOSAL", "FILE"]);
    const draft = await readJson(file, terminal);
    const { client, actor } = await actingClient(values, terminal);
    const view = await client.revise(proposalId(id), draft.bytes, { by: actor });
    if (!values.json) for (const line of problemLines(view.problems, terminal)) terminal.line(line);
    return standing(view, values.json, terminal);
  },
});

export const open = command({
  name: "open",
  summary: "Open the vote on a proposal",
  usage: ["open PROPOSAL --as ID [--key FILE] [--host URL] [--json]"],
  details: [
    "Freezes what is voted on: content, what it applies to and leads to, migration, policy, rule, electorate and times, under one digest.",
  ],
  options: actOptions,
  exits: { 0: "opened", 1: "refused" },
  async run({ values, operands }, terminal) {
    const [id] = operandsOf("open", operands, ["PROPOSAL"]);
    const { client, actor } = await actingClient(values, terminal);
    return standing(await client.open(proposalId(id), { by: actor }), values.json, terminal);
  },
});

export const withdraw = command({
  name: "withdraw",
  summary: "Take a proposal back",
  usage: ["withdraw PROPOSAL --as ID [--reason TEXT] [--key FILE] [--host URL] [--json]"],
  options: {
    reason: { type: "string", value: "TEXT", help: "Why; it stays with the archived proposal" },
    ...actOptions,
  },
  exits: { 0: "withdrawn", 1: "refused" },
  async run({ values, operands }, terminal) {
    const [id] = operandsOf("withdraw", operands, ["PROPOSAL"]);
    const { client, actor } = await actingClient(values, terminal);
    return standing(
      await client.withdraw(proposalId(id), { by: actor, reason: values.reason }),
      values.json,
      terminal,
    );
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
    const view = await clientOf(values.host, terminal).migrate(proposalId(id));
    standing(view, values.json, terminal);
    return view.status === "active" ? Exit.ok : Exit.no;
  },
});
