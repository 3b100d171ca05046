/**
 * What members do, as requests: the address, and the body as JSON text. A command and the proposal it is about stand in the
 * address; they are part of what is signed all the same.
 */
import type { Choice, Digest, Json } from "schema-senate";

export interface Act {
  /** The member who does it, and signs. */
  by: string;
  /** Where it is sent. */
  path: string;
  /** Members of the command that the address says. */
  addressed: Record<string, string>;
  /** The other members, as the text of a JSON object: documents go as they were written. */
  body: string;
}

/** A place in one of a proposal's two schemas. */
export interface Place {
  pointer: string;
  document?: "next" | "current";
}

/** One version of a type to import: raw JSON texts, sent as they were read. */
export interface VersionSource {
  schema: string;
  references?: Record<string, string>;
  description?: string;
}

const PROPOSAL = "/api/senate/schema-proposal";

/** `draft` is the JSON text of a draft. */
export function propose(draft: string, proposer_id: string): Act {
  return {
    by: proposer_id,
    path: PROPOSAL,
    addressed: { command: "propose" },
    body: withMembers(draft, { proposer_id }),
  };
}

/** `draft` is the JSON text of a draft of the same proposal: its title and metadata take the place of the ones before. */
export function revise(proposal_id: string, by: string, title: string, metadata: string): Act {
  const body = withMembers(`{"metadata": ${metadata}}`, { by, ...(title === "" ? {} : { title }) });
  return on(proposal_id, "revise", "revise", by, body);
}

export const openVote = (proposal_id: string, by: string): Act =>
  said(proposal_id, "open", "open_vote", { by });

export function vote(
  proposal_id: string,
  ballot: { voter_id: string; choice: Choice; reason?: string; subject: Digest },
): Act {
  return on(proposal_id, "vote", "cast_ballot", ballot.voter_id, JSON.stringify(ballot));
}

export const withdraw = (proposal_id: string, by: string, reason: string): Act =>
  said(proposal_id, "withdraw", "withdraw", { by, ...(reason === "" ? {} : { reason }) });

export const retryMigration = (proposal_id: string, by: string): Act =>
  said(proposal_id, "migrate/retry", "retry_migration", { by });

export const abandonMigration = (proposal_id: string, by: string, reason: string): Act =>
  said(proposal_id, "migrate/abandon", "abandon_migration", { by, reason });

export const recuse = (proposal_id: string, by: string, reason: string): Act =>
  said(proposal_id, "recuse", "recuse", { by, reason });

export const appeal = (proposal_id: string, by: string, justification: string): Act =>
  said(proposal_id, "appeal", "appeal", { by, justification });

export const judgeScope = (
  proposal_id: string,
  by: string,
  verdict: "in_scope" | "out_of_scope",
  reasoning: string,
): Act => said(proposal_id, "scope-verdict", "judge_scope", { by, verdict, reasoning });

export function comment(
  proposal_id: string,
  by: string,
  text: string,
  where: { anchor?: Place | undefined; reply_to?: string | undefined } = {},
): Act {
  return said(proposal_id, "comment", "comment", { by, text, ...present(where) });
}

export const raiseConcern = (
  proposal_id: string,
  by: string,
  name: string,
  text: string,
  anchor?: Place,
): Act => said(proposal_id, "concern", "raise_concern", { by, name, text, ...present({ anchor }) });

export const resolveConcern = (proposal_id: string, by: string, concern_id: string, text: string): Act =>
  onConcern(proposal_id, concern_id, "resolve", { by, text });

export const overrideConcern = (proposal_id: string, by: string, concern_id: string, reason: string): Act =>
  onConcern(proposal_id, concern_id, "override", { by, reason });

export const rotateKey = (by: string, new_key: string, proof: string): Act => ({
  by,
  path: "/api/senate/keys/rotate",
  addressed: { command: "rotate_key" },
  body: JSON.stringify({ by, new_key, proof }),
});

export function importType(artifact_type: string, versions: VersionSource[], by: string): Act {
  const written = versions.map((version) => {
    const members = [`"schema": ${version.schema}`];
    const references = Object.entries(version.references ?? {});
    if (references.length > 0) {
      members.push(
        `"references": {${references.map(([uri, text]) => `${JSON.stringify(uri)}: ${text}`).join(", ")}}`,
      );
    }
    if (version.description) members.push(`"description": ${JSON.stringify(version.description)}`);
    return `{${members.join(", ")}}`;
  });
  return {
    by,
    path: `/api/schemas/${encodeURIComponent(artifact_type)}`,
    addressed: { command: "import_type", artifact_type },
    body: `{"versions": [${written.join(", ")}], "by": ${JSON.stringify(by)}}`,
  };
}

/** The text of a JSON object with further members put in front. What the text itself says is left as it is written. */
export function withMembers(object: string, members: Record<string, Json>): string {
  const rest = object.trimStart();
  const added = Object.entries(members)
    .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join(", ");
  // What is no object is sent as it is: the host says what is wrong with it.
  if (!rest.startsWith("{") || added === "") return rest;
  const inner = rest.slice(1);
  return inner.trimStart().startsWith("}") ? `{${added}${inner}` : `{${added}, ${inner}`;
}

function said(
  proposal_id: string,
  action: string,
  command: string,
  members: { by: string; [member: string]: Json },
): Act {
  return on(proposal_id, action, command, members.by, JSON.stringify(members));
}

function on(proposal_id: string, action: string, command: string, by: string, body: string): Act {
  const path = `${PROPOSAL}/${encodeURIComponent(proposal_id)}/${action}`;
  return { by, path, addressed: { command, proposal_id }, body };
}

function onConcern(
  proposal_id: string,
  concern_id: string,
  action: string,
  members: { by: string; [member: string]: Json },
): Act {
  const command = action === "resolve" ? "resolve_concern" : "override_concern";
  const made = said(proposal_id, `concern/${encodeURIComponent(concern_id)}/${action}`, command, members);
  return { ...made, addressed: { ...made.addressed, concern_id } };
}

function present(members: Record<string, Place | string | undefined>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(members).filter(
      (entry): entry is [string, Json & (Place | string)] => entry[1] !== undefined,
    ),
  ) as Record<string, Json>;
}
