/** What is in force, and for whom: members, policy, scope; and what was decided before on the like. */
import { evaluateScope, type ScopeEvaluation } from "schema-senate";
import { routes } from "../../client.js";
import { command, hostOption, jsonOption, operandsOf } from "../command.js";
import { clientOf } from "../context.js";
import { Exit, Fault, usageFault } from "../fault.js";
import { readJson } from "../input.js";
import { memberLines, policyLines, scopeEvaluationLines, scopeLines } from "../governance.js";
import { precedentLines } from "../views.js";

export const members = command({
  name: "members",
  summary: "Show the members: their roles, principals and keys, now and before",
  usage: ["members [--host URL] [--json]"],
  options: { ...hostOption, ...jsonOption },
  async run({ values, operands }, terminal) {
    operandsOf("members", operands, []);
    const client = clientOf(values.host, terminal);
    if (values.json) await terminal.write(`${(await client.read(routes.members())).trimEnd()}\n`);
    else for (const line of memberLines(await client.members(), terminal)) terminal.line(line);
    return Exit.ok;
  },
});

export const policy = command({
  name: "policy",
  summary: "Show the policy in words: what is in force, what was, what is to come",
  usage: ["policy [--host URL] [--json]"],
  options: { ...hostOption, ...jsonOption },
  async run({ values, operands }, terminal) {
    operandsOf("policy", operands, []);
    const client = clientOf(values.host, terminal);
    if (values.json) await terminal.write(`${(await client.read(routes.policy())).trimEnd()}\n`);
    else for (const line of policyLines(await client.policy(), terminal)) terminal.line(line);
    return Exit.ok;
  },
});

export const scope = command({
  name: "scope",
  summary: "Show what proposals may be about, or whether a draft is in scope",
  usage: ["scope [--host URL] [--json]", "scope evaluate DRAFT [--scope FILE | --host URL] [--json]"],
  details: [
    "`evaluate` judges a draft by the scope document that is in force at the host, or by one in a file, without a host. Nothing is stored.",
  ],
  options: {
    scope: { type: "string", value: "FILE", help: "With evaluate: a scope document, instead of the host's" },
    ...hostOption,
    ...jsonOption,
  },
  exits: { 0: "shown; or: in scope", 1: "out of scope, or unclear" },
  async run({ values, operands }, terminal) {
    const [action, ...rest] = operands;
    if (action === undefined) {
      if (values.scope !== undefined) throw usageFault("`--scope` belongs to `senate scope evaluate`.");
      const client = clientOf(values.host, terminal);
      if (values.json) await terminal.write(`${(await client.read(routes.scope())).trimEnd()}\n`);
      else for (const line of scopeLines(await client.scope(), terminal)) terminal.line(line);
      return Exit.ok;
    }
    if (action !== "evaluate")
      throw usageFault(
        `\`senate scope\` has no action \`${action}\`.`,
        "Write `senate scope evaluate DRAFT`.",
      );
    const [file] = operandsOf("scope evaluate", rest, ["DRAFT"]);
    if (values.scope !== undefined && values.host !== undefined)
      throw usageFault("`--scope` works offline, `--host` asks a host.", "Give one of them.");
    const draft = await readJson(file, terminal);
    let evaluation: ScopeEvaluation;
    if (values.scope === undefined) {
      evaluation = await clientOf(values.host, terminal).evaluateScope(draft.bytes);
    } else {
      const document = await readJson(values.scope, terminal);
      const answer = evaluateScope(document.bytes, draft.bytes);
      if (!answer.ok) throw new Fault(Exit.no, answer.problem);
      evaluation = answer.evaluation;
    }
    if (values.json) terminal.json(evaluation);
    else for (const line of scopeEvaluationLines(evaluation, terminal)) terminal.line(line);
    return evaluation.verdict === "in_scope" ? Exit.ok : Exit.no;
  },
});

export const precedents = command({
  name: "precedents",
  summary: "Show earlier proposals that are like a draft, and what became of them",
  usage: ["precedents DRAFT [--host URL] [--json]"],
  details: [
    "A proposal that is like one that was rejected must say what is different now: `senate propose --addresses`.",
  ],
  options: { ...hostOption, ...jsonOption },
  async run({ values, operands }, terminal) {
    const [file] = operandsOf("precedents", operands, ["DRAFT"]);
    const draft = await readJson(file, terminal);
    const found = await clientOf(values.host, terminal).precedents(draft.bytes);
    if (values.json) terminal.json(found);
    else if (found.precedents.length === 0) terminal.line("Nothing like it was proposed before.");
    else for (const line of precedentLines(found.precedents, terminal)) terminal.line(line);
    return Exit.ok;
  },
});
