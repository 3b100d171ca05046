/**
 * The dashboard of schema-senate as custom elements. Load this script and `senate-elements.css` on any page:
 *
 * ```html
 * <div senate-host="https://senate.example.org">
 *   <senate-proposal proposal-id="01J…"></senate-proposal>
 * </div>
 * ```
 *
 * `senate-host` is optional: without it the elements ask the host that the page came from.
 */
export { core } from "./core.js";
export { Client } from "./api/client.js";
export { Failure } from "./api/problem.js";
export { SenateActor } from "./elements/actor.js";
export { SenateApp } from "./elements/app.js";
export { SenateArtifacts } from "./elements/artifacts.js";
export { SenateBallot } from "./elements/ballot.js";
export { SenateCompatibility } from "./elements/compatibility.js";
export { SenateDebate } from "./elements/debate.js";
export { SenateDiff } from "./elements/diff.js";
export { SenateDraftEditor } from "./elements/draft-editor.js";
export { SenateFields } from "./elements/fields.js";
export { SenateImport } from "./elements/import.js";
export { SenateJsonEditor } from "./elements/json-editor.js";
export { SenateJsonView } from "./elements/json-view.js";
export { SenateMembers } from "./elements/members.js";
export { SenateNotices } from "./elements/notices.js";
export { SenateMigration } from "./elements/migration.js";
export { SenateArchive, SenateProposals } from "./elements/proposal-list.js";
export { SenatePolicy } from "./elements/policy.js";
export { SenatePrecedents } from "./elements/precedents.js";
export { SenateProposal } from "./elements/proposal.js";
export { SenateRegistry } from "./elements/registry.js";
export { SenateRoster } from "./elements/roster.js";
export { SenateTryValidate } from "./elements/try-validate.js";
export { SenateType } from "./elements/type.js";
export { SenateVerify } from "./elements/verify.js";
export { SenateVoteMeter } from "./elements/vote-meter.js";
