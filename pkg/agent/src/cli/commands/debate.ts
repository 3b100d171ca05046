/** Debating a proposal: comments, named concerns, recusal, and what is in the senate's scope. */
import type { Anchor } from "schema-senate";
import { actOptions, command, type Options, operandsOf } from "../command.js";
import { actingClient, proposalId, textOf } from "../context.js";
import { usageFault } from "../fault.js";
import { Exit, Fault } from "../fault.js";
import { nearest } from "../suggest.js";
import { safeLine } from "../terminal.js";
import { standing } from "./propose.js";

const anchorOptions = {
  at: { type: "string", value: "POINTER", help: "The place that it is about, a JSON Pointer" },
  document: {
    type: "string",
    value: "DOCUMENT",
    choices: ["next", "current"],
    help: "Where the pointer leads: what the proposal would make (default), or what is in force",
  },
} as const satisfies Options;

function anchorOf(values: { at: string | undefined; document: string | undefined }): Anchor | undefined {
  const { at, document } = values;
  if (at === undefined) {
    if (document !== undefined) throw usageFault("`--document` belongs to `--at POINTER`.");
    return undefined;
  }
  return {
    pointer: at,
    ...(document === undefined ? {} : { document: document as "next" | "current" }),
  };
}

/** A text that an act cannot be without. */
function needed(name: string, option: string, value: string | undefined): string {
  if (value !== undefined && value.trim() !== "") return value;
  throw usageFault(`\`senate ${name}\` needs a reason.`, `Write \`--${option} TEXT\`.`);
}

const reasonOption = { type: "string", value: "TEXT", help: "Why; it stays with the proposal" } as const;

export const comment = command({
  name: "comment",
  summary: "Say something on a proposal, or on one place of it",
  usage: [
    "comment PROPOSAL TEXT --as ID [--at POINTER [--document next|current]] [--reply-to ID] [--key FILE] [--json]",
  ],
  details: ["TEXT may be `-`, standard input."],
  options: {
    ...anchorOptions,
    "reply-to": { type: "string", value: "ID", help: "The comment or concern that it answers, e.g. c12" },
    ...actOptions,
  },
  examples: [
    {
      line: 'senate comment 01JD… "Why not an enum?" --as ben --at /properties/host',
      says: "on one place of the next schema",
    },
  ],
  exits: { 0: "posted", 1: "refused" },
  async run({ values, operands }, terminal) {
    const [id, operand] = operandsOf("comment", operands, ["PROPOSAL", "TEXT"]);
    const anchor = anchorOf(values);
    const text = await textOf(operand, terminal);
    const { client, actor } = await actingClient(values, terminal);
    const view = await client.comment(proposalId(id), {
      by: actor,
      text,
      anchor,
      reply_to: values["reply-to"],
    });
    return standing(view, values.json, terminal);
  },
});

export const raise = command({
  name: "raise",
  summary: "Raise a named concern: the proposal is not approved while it is open",
  usage: ["raise PROPOSAL NAME TEXT --as ID [--at POINTER [--document next|current]] [--key FILE] [--json]"],
  details: [
    "NAME is a few words that the others will call it by. Who raised it resolves it; the electorate can override it with the policy's share. TEXT may be `-`, standard input.",
  ],
  options: { ...anchorOptions, ...actOptions },
  examples: [
    {
      line: 'senate raise 01JD… "old runs" "Runs before May have no host." --as eva',
      says: "keep it from being approved until this is answered",
    },
  ],
  exits: { 0: "raised", 1: "refused" },
  async run({ values, operands }, terminal) {
    const [id, name, operand] = operandsOf("raise", operands, ["PROPOSAL", "NAME", "TEXT"]);
    const anchor = anchorOf(values);
    const text = await textOf(operand, terminal);
    const { client, actor } = await actingClient(values, terminal);
    return standing(
      await client.raiseConcern(proposalId(id), { by: actor, name, text, anchor }),
      values.json,
      terminal,
    );
  },
});

export const resolve = command({
  name: "resolve",
  summary: "Say how a concern of yours was met; it no longer holds the proposal up",
  usage: ["resolve PROPOSAL CONCERN TEXT --as ID [--key FILE] [--host URL] [--json]"],
  details: ["CONCERN is its id (c12) or its name. TEXT may be `-`, standard input."],
  options: actOptions,
  exits: { 0: "resolved", 1: "refused" },
  async run({ values, operands }, terminal) {
    const [id, given, operand] = operandsOf("resolve", operands, ["PROPOSAL", "CONCERN", "TEXT"]);
    const text = await textOf(operand, terminal);
    const { client, actor } = await actingClient(values, terminal);
    const concern = await concernOf(client, id, given);
    return standing(
      await client.resolveConcern(proposalId(id), concern, { by: actor, text }),
      values.json,
      terminal,
    );
  },
});

export const override = command({
  name: "override",
  summary: "Sign that a concern shall not hold a proposal up; enough signatures override it",
  usage: ["override PROPOSAL CONCERN --reason TEXT --as ID [--key FILE] [--host URL] [--json]"],
  details: [
    "CONCERN is its id (c12) or its name. Only members of the vote's electorate sign, while it is open.",
  ],
  options: { reason: reasonOption, ...actOptions },
  exits: { 0: "signed", 1: "refused" },
  async run({ values, operands }, terminal) {
    const [id, given] = operandsOf("override", operands, ["PROPOSAL", "CONCERN"]);
    const reason = needed("override", "reason", values.reason);
    const { client, actor } = await actingClient(values, terminal);
    const concern = await concernOf(client, id, given);
    return standing(
      await client.overrideConcern(proposalId(id), concern, { by: actor, reason }),
      values.json,
      terminal,
    );
  },
});

export const recuse = command({
  name: "recuse",
  summary: "Leave the electorate of one proposal, before its vote opens",
  usage: ["recuse PROPOSAL --reason TEXT --as ID [--key FILE] [--host URL] [--json]"],
  options: { reason: reasonOption, ...actOptions },
  exits: { 0: "recused", 1: "refused" },
  async run({ values, operands }, terminal) {
    const [id] = operandsOf("recuse", operands, ["PROPOSAL"]);
    const reason = needed("recuse", "reason", values.reason);
    const { client, actor } = await actingClient(values, terminal);
    return standing(await client.recuse(proposalId(id), { by: actor, reason }), values.json, terminal);
  },
});

export const appeal = command({
  name: "appeal",
  summary: "Ask once for another look at a proposal that was rejected as out of scope",
  usage: ["appeal PROPOSAL --reason TEXT --as ID [--key FILE] [--host URL] [--json]"],
  options: {
    reason: { type: "string", value: "TEXT", help: "Why it belongs in the senate's scope" },
    ...actOptions,
  },
  exits: { 0: "appealed; the answer says what came of it", 1: "refused" },
  async run({ values, operands }, terminal) {
    const [id] = operandsOf("appeal", operands, ["PROPOSAL"]);
    const justification = needed("appeal", "reason", values.reason);
    const { client, actor } = await actingClient(values, terminal);
    return standing(await client.appeal(proposalId(id), { by: actor, justification }), values.json, terminal);
  },
});

const verdicts = ["in_scope", "out_of_scope"] as const;

export const judge = command({
  name: "judge",
  summary: "As a judge of the scope, say whether a proposal is in it, where its words do not",
  usage: ["judge PROPOSAL in_scope|out_of_scope --reason TEXT --as ID [--key FILE] [--host URL] [--json]"],
  options: { reason: reasonOption, ...actOptions },
  exits: { 0: "judged", 1: "refused" },
  async run({ values, operands }, terminal) {
    const [id, word] = operandsOf("judge", operands, ["PROPOSAL", "in_scope|out_of_scope"]);
    const verdict = verdicts.find((known) => known === word.toLowerCase());
    if (verdict === undefined) {
      const meant = nearest(word, verdicts);
      throw usageFault(
        `\`${word}\` is not a verdict.`,
        meant === undefined ? "Write in_scope or out_of_scope." : `Did you mean \`${meant}\`?`,
      );
    }
    const reasoning = needed("judge", "reason", values.reason);
    const { client, actor } = await actingClient(values, terminal);
    return standing(
      await client.judgeScope(proposalId(id), { by: actor, verdict, reasoning }),
      values.json,
      terminal,
    );
  },
});

/** The id of a concern that is given by its id or by its name. */
async function concernOf(
  client: Awaited<ReturnType<typeof actingClient>>["client"],
  id: string,
  given: string,
): Promise<string> {
  if (/^c\d+$/.test(given)) return given;
  const { concerns } = await client.proposal(proposalId(id));
  const found = concerns.find(({ name }) => name.toLowerCase() === given.toLowerCase());
  if (found !== undefined) return found.id;
  const names = concerns.map(({ id, name }) => `${id} (${name})`).join(", ");
  throw new Fault(Exit.no, {
    code: "concern_unknown",
    message: `The proposal has no concern called \`${safeLine(given)}\`.`,
    remedy: names === "" ? "Nobody has raised one." : `There are ${safeLine(names)}.`,
  });
}
