/**
 * schema-senate-agent: the client of a schema-senate host, on which the command line `senate` stands.
 *
 * ```ts
 * import { SenateClient } from "schema-senate-agent";
 *
 * const senate = new SenateClient({ host: "http://127.0.0.1:8787" });
 * const proposal = await senate.propose(await readFile("draft.json"), { proposer_id: "ana" });
 * const { vote } = await senate.open(proposal.id, "ana");
 * await senate.vote(proposal.id, { voter_id: "ana", choice: "yes", subject: vote.subject });
 * ```
 */
export { HostError, SenateClient, UnreachableError } from "./client.js";
export type {
  ClientOptions,
  ImportedVersion,
  JsonText,
  ProblemDetails,
  ProposalFilter,
  StoredCount,
  StoredVerdict,
} from "./client.js";
