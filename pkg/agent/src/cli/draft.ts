/** The few members of a draft that a command must know before the core reads it. */

/** The target type, when the text has one; the core judges everything else. */
export function targetOf(draft: Uint8Array): string | undefined {
  const metadata = parsed(draft)?.["metadata"];
  const target = isObject(metadata) ? metadata["target_artifact_type"] : undefined;
  return typeof target === "string" ? target : undefined;
}

/** A text that the draft has as a member of its own: who proposes, what kind of proposal it is. */
export function memberOf(draft: Uint8Array, name: "proposer_id" | "proposal_type"): string | undefined {
  const value = parsed(draft)?.[name];
  return typeof value === "string" ? value : undefined;
}

function parsed(text: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text).toString("utf8"));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
