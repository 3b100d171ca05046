/**
 * schema-senate-agent: the client of a schema-senate host, on which the command line `senate` stands.
 *
 * ```ts
 * import { readKey, SenateClient } from "schema-senate-agent";
 *
 * const senate = new SenateClient({ host: "http://127.0.0.1:8787", member: "ana", key: await readKey("ana.pem") });
 * const proposal = await senate.propose(await readFile("draft.json"));
 * const { vote } = await senate.open(proposal.id);
 * await senate.vote(proposal.id, { choice: "yes", subject: vote.subject });
 * ```
 */
export { ActError, HostError, SenateClient, UnreachableError } from "./client.js";
export type {
  Acting,
  ClientOptions,
  ImportedVersion,
  JsonText,
  ProblemDetails,
  ProposalFilter,
  StoredCount,
  StoredVerdict,
} from "./client.js";
export { createKey, KeyError, readKey, signerOf } from "./keys.js";
export type { KeyFileOptions } from "./keys.js";
export type { Signer } from "./signer.js";
export { FileKeeper, stateFolder } from "./state.js";
export { MemoryKeeper, TrustError } from "./trust.js";
export type { Checkpoint, Evidence, Keeper, Kept } from "./trust.js";
