/** What each operation of openapi.json does. */
import { type Json, type Problem, type ProposalView, type ViewMap, version } from "schema-senate";
import type { Executed, Host, Proposed } from "../host.js";
import { objectOf, withMembers } from "../raw.js";
import { movedBack } from "../signing.js";
import type { Values } from "./app.js";
import { artifactRoutes, lastCompliance } from "./artifact-routes.js";
import { type Body, MIB } from "./body.js";
import type { Contract } from "./contract.js";
import { migrationRoutes } from "./migration-routes.js";
import { Refusal, refuse } from "./problem.js";
import { json, number, quoted, type Reply, type Request, type Route, text } from "./reply.js";

/** The members of a proposal's body that are its draft. */
const DRAFT: ReadonlySet<string> = new Set(["proposal_type", "title", "metadata", "addresses"]);

export function routes(host: Host, contract: Contract): Route[] {
  const view = async <Name extends keyof ViewMap>(
    name: Name,
    params: Record<string, Json> | null = null,
  ): Promise<ViewMap[Name]> => {
    const answer = await host.view(name, params);
    if (!answer.ok) throw new Refusal([answer.problem]);
    return answer.view;
  };
  const proposal = async (id: string): Promise<ProposalView> => view("proposal", { proposal_id: id });
  /** An act about the proposal in the path, the other members from the body as they were written. */
  const act = async (command: string, { path, body }: Request): Promise<Reply> => {
    const id = text(path, "id");
    const concern = path["concern_id"];
    const members: [string, string | undefined][] = [
      ["command", quoted(command)],
      ["proposal_id", quoted(id)],
      ["concern_id", concern === undefined ? undefined : quoted(String(concern))],
      ...(body?.rest() ?? []),
    ];
    done(await host.execute(objectOf(members)));
    return json(await proposal(id));
  };
  const onProposal = (operation: string, command: string): Route => ({
    operation,
    run: async (request) => act(command, request),
  });
  /** A draft's text as what a view takes. */
  const draftOf = (body: Body | undefined): Json => JSON.parse(body?.text ?? "null") as Json;

  const counted = async (proposed: Proposed, query: Values): Promise<Reply> => {
    const found = await host.storedVerdict(proposed, number(query, "limit"));
    if (!found.ok) {
      throw "draft" in proposed ? new Refusal(found.problems, 422) : new Refusal(found.problems);
    }
    return json(found.verdict);
  };

  return [
    {
      operation: "health",
      run: async () =>
        json({ status: "ok", store: host.store.kind, seq: await host.seq(), core: version().version }),
    },
    { operation: "openapi", run: async () => ({ body: contract.text }) },
    {
      operation: "senate",
      run: async () => {
        const senate = await view("senate");
        return json({
          ...senate,
          signing: host.signing,
          development_members: await host.developmentMembers(),
        });
      },
    },
    {
      operation: "signing",
      run: async ({ path }) => json(await view("signing", { member_id: text(path, "member") })),
    },
    { operation: "members", run: async () => json(await view("members")) },
    { operation: "policy", run: async () => json(await view("policy")) },
    { operation: "scope", run: async () => json(await view("scope")) },
    {
      operation: "checkpoint",
      run: async () => {
        const note = await host.checkpoint();
        if (note === undefined) throw refuse(503, "senate_not_founded", "There is no senate here yet.");
        return { body: note, type: "text/plain; charset=utf-8" };
      },
    },
    { operation: "inclusion", run: async ({ query }) => json(await view("inclusion", { ...query })) },
    { operation: "consistency", run: async ({ query }) => json(await view("consistency", { ...query })) },
    {
      operation: "rotateKey",
      run: async ({ body }) => {
        done(await host.execute(objectOf([["command", '"rotate_key"'], ...(body?.rest() ?? [])])));
        return json(await view("signing", { member_id: body?.string("by") ?? "" }));
      },
    },
    {
      operation: "events",
      run: async ({ query }) => ({
        body: streamed(host.events(number(query, "from") ?? 1)),
        type: "application/x-ndjson",
      }),
    },
    { operation: "proposals", run: async ({ query }) => json(await view("proposals", { ...query })) },
    { operation: "proposal", run: async ({ path }) => json(await proposal(text(path, "id"))) },
    {
      operation: "propose",
      explain: async (body, problems) => {
        // For the other types of proposal the document says it all.
        if ((body.string("proposal_type") ?? "schema_change") !== "schema_change") return problems;
        const draft = objectOf(body.rest().filter(([name]) => DRAFT.has(name)));
        const found = await host.check(draft, target(body));
        const deep = found.problems.filter((one) => one.severity === "error");
        if (deep.length === 0) return problems;
        // The core names the place and the remedy; the document has only seen the shape.
        return [...deep, ...problems.filter((one) => !one.pointer.startsWith("/metadata"))];
      },
      run: async ({ body }) => {
        const opens = body?.isTrue("open_voting") === true;
        if (opens && host.signing === "required") {
          throw refuse(422, "open_voting_unsigned", "Opening the vote is an act of its own, to be signed.", {
            pointer: "/open_voting",
            remedy: "Leave open_voting out, and sign POST /api/senate/schema-proposal/{id}/open afterwards.",
          });
        }
        const executed = await host.execute(
          objectOf([["command", '"propose"'], ...(body?.rest("open_voting") ?? [])]),
        );
        if (!executed.ok) {
          // A target that does not exist is a fault of the draft, not of the address.
          const unknown = executed.problem.code === "artifact_type_unknown";
          throw unknown ? new Refusal(executed.problems, 422) : new Refusal(executed.problems);
        }
        const id = (await host.proposalOf(executed.events, body?.string("signature"))) ?? "";
        const notices: Problem[] = [];
        if (opens) {
          const opened = await host.execute(
            objectOf([
              ["command", '"open_vote"'],
              ["proposal_id", quoted(id)],
              ["by", body.raw("proposer_id")],
            ]),
          );
          if (!opened.ok) notices.push(...opened.problems);
        }
        return {
          ...json({ proposal_id: id, notices, ...(await proposal(id)) }),
          status: 201,
          headers: { location: `/api/senate/schema-proposal/${encodeURIComponent(id)}` },
        };
      },
    },
    {
      operation: "checkDraft",
      run: async ({ body }) =>
        json(await host.check(body?.text ?? "", body === undefined ? "" : target(body))),
    },
    {
      operation: "storedVerdictOfDraft",
      run: async ({ body, query }) => {
        const draft = body?.text ?? "";
        return counted({ draft, target: body === undefined ? "" : target(body) }, query);
      },
    },
    {
      operation: "storedVerdict",
      run: async ({ path, query }) => counted({ proposal_id: text(path, "id") }, query),
    },
    {
      operation: "scopeEvaluate",
      run: async ({ body }) => {
        const found = await host.evaluateScope(body?.text ?? "", body === undefined ? "" : target(body));
        if (!found.ok) throw new Refusal([found.problem]);
        return json(found.evaluation);
      },
    },
    {
      operation: "precedents",
      run: async ({ body }) => json(await view("precedents", { draft: draftOf(body) })),
    },
    {
      operation: "certificate",
      run: async ({ path }) => {
        const found = await host.certificate(text(path, "id"));
        if (!found.ok) throw new Refusal([found.problem]);
        return json(found.certificate);
      },
    },
    onProposal("revise", "revise"),
    onProposal("openVote", "open_vote"),
    onProposal("vote", "cast_ballot"),
    onProposal("withdraw", "withdraw"),
    onProposal("recuse", "recuse"),
    onProposal("comment", "comment"),
    onProposal("raiseConcern", "raise_concern"),
    onProposal("resolveConcern", "resolve_concern"),
    onProposal("overrideConcern", "override_concern"),
    onProposal("appeal", "appeal"),
    onProposal("judgeScope", "judge_scope"),
    {
      operation: "migrate",
      run: async ({ path }) => {
        const id = text(path, "id");
        const migrated = await host.migrate(id);
        if (!migrated.ok) throw new Refusal(migrated.problems);
        return json(await proposal(id));
      },
    },
    ...migrationRoutes(host, onProposal),
    {
      operation: "types",
      run: async () => {
        const { types } = await view("types");
        const registered = new Set(types.map((type) => type.artifact_type));
        const unregistered = (await host.store.artifactCounts())
          .filter(({ artifact_type }) => !registered.has(artifact_type))
          .map(({ artifact_type, count }) => ({ artifact_type, artifacts: count }));
        return json({ types, unregistered, compliance: await lastCompliance(host) });
      },
    },
    {
      operation: "type",
      run: async ({ path }) => json(await view("type", { artifact_type: text(path, "type") })),
    },
    {
      operation: "importType",
      bodyLimit: 64 * MIB,
      run: async ({ path, body }) => {
        const artifact_type = text(path, "type");
        const command = withMembers(body?.text ?? "", [
          ["command", '"import_type"'],
          ["artifact_type", quoted(artifact_type)],
        ]);
        const executed = await host.execute(command.text);
        if (!executed.ok) throw new Refusal(executed.problems.map((one) => movedBack(one, command.bytes)));
        return { ...json(await view("type", { artifact_type })), status: 201 };
      },
    },
    {
      operation: "schemaVersion",
      run: async ({ path }) =>
        json(await view("schema", { artifact_type: text(path, "type"), version: number(path, "n") ?? 0 })),
    },
    {
      operation: "transition",
      run: async ({ path, query }) =>
        json(
          await view("transition", {
            artifact_type: text(path, "type"),
            from: number(query, "from") ?? 0,
            to: number(query, "to") ?? 0,
          }),
        ),
    },
    {
      operation: "draftContext",
      run: async ({ path }) => {
        const type = text(path, "type");
        return json(await view("context", type === "new_type" ? null : { artifact_type: type }));
      },
    },
    ...artifactRoutes(host),
  ];
}

function done(executed: Executed): Executed & { ok: true } {
  if (!executed.ok) throw new Refusal(executed.problems);
  return executed;
}

/** The type that a draft is about, as far as it can be read; the core says what is wrong with it. */
function target(body: Body): string {
  try {
    const draft: unknown = JSON.parse(body.text);
    const metadata =
      typeof draft === "object" && draft !== null && "metadata" in draft ? draft.metadata : undefined;
    if (typeof metadata !== "object" || metadata === null || !("target_artifact_type" in metadata)) return "";
    return String(metadata.target_artifact_type);
  } catch {
    return "";
  }
}

function streamed(lines: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done: ended, value } = await lines.next();
      if (ended) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await lines.return(undefined);
    },
  });
}
