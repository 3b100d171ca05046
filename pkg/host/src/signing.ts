/**
 * Acts on their way to the core: a member signs their own, and in development mode the host signs for local members.
 *
 * An act is the command itself with five further members (`instance`, `key`, `nonce`, `seen`, `signature`). Everything is
 * put together as text, so that what was signed is what the client wrote.
 */
import { possessionBytes, type Problem, signingBytes } from "schema-senate";
import type { View } from "./handle.js";
import { problem } from "./http/problem.js";
import type { DevelopmentKeys, SigningKey } from "./keys.js";
import { membersOf, withMembers } from "./raw.js";

/** The member of each act that names who acts, and so who signs. */
const ACTORS: Readonly<Record<string, string>> = {
  propose: "proposer_id",
  revise: "by",
  open_vote: "by",
  cast_ballot: "voter_id",
  withdraw: "by",
  recuse: "by",
  comment: "by",
  raise_concern: "by",
  resolve_concern: "by",
  override_concern: "by",
  appeal: "by",
  judge_scope: "by",
  rotate_key: "by",
  import_type: "by",
  retry_migration: "by",
  abandon_migration: "by",
  retire_version: "by",
};

/** What signs for one member; `key_id` is the key that is theirs now. */
export type Signer = (
  key_id: string,
) => ((bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>) | undefined;

/** A command as the core takes it; `added` is how many bytes of it the host has put in front. */
export type Prepared = { ok: true; text: string; added: number } | { ok: false; problem: Problem };

/**
 * A command as it is given to the core: an act that nobody has signed is signed now, when `signerOf` has the key that is its
 * member's by the log. Call it right before deciding, and again before each further try: the nonce and the view of the log
 * are those of this moment.
 */
export async function signed(
  text: string,
  view: View,
  signerOf: (memberId: string) => Signer | undefined,
): Promise<Prepared> {
  const act = unsignedAct(text);
  if (act === undefined) return { ok: true, text, added: 0 };
  const { memberId, actor, given } = act;
  const found = view("signing", { member_id: memberId });
  if (!found.ok) {
    // A stranger: the place is where the act names them.
    const isNamed = found.problem.pointer === "/member_id";
    return isNamed ? { ok: false, problem: { ...found.problem, pointer: `/${actor}` } } : found;
  }
  const { instance, key, next_nonce, seen } = found.view;
  const sign = signerOf(memberId)?.(key);
  if (sign === undefined) return { ok: false, problem: unsigned(memberId) };
  const envelope: [string, string][] = [
    ["instance", JSON.stringify(instance)],
    ["key", JSON.stringify(key)],
    ["nonce", String(next_nonce)],
    ["seen", JSON.stringify(seen)],
  ];
  const whole = withMembers(
    text,
    envelope.filter(([name]) => !given.has(name)),
  );
  const bytes = signingBytes(whole.text);
  if (!bytes.ok) return { ok: false, problem: movedBack(bytes.problem, whole.bytes) };
  const signature = Buffer.from(await sign(bytes.bytes)).toString("base64");
  const done = withMembers(whole.text, [["signature", JSON.stringify(signature)]]);
  return { ok: true, text: done.text, added: whole.bytes + done.bytes };
}

/** In development mode a rotation need not name a key: the host makes it, and proves that it holds it. */
export async function withNewKey(
  text: string,
  keys: DevelopmentKeys,
  instanceOf: () => Promise<string | undefined>,
): Promise<string> {
  const act = unsignedAct(text);
  if (act?.command !== "rotate_key" || act.given.has("new_key") || act.given.has("proof")) return text;
  // Only for members whose keys are here already: nobody else's key is replaced by one of the host's.
  if (!keys.members.includes(act.memberId)) return text;
  const instance = await instanceOf();
  if (instance === undefined) return text;
  const made = await keys.add(act.memberId);
  const claim = possessionBytes({ instance, member: act.memberId, new_key: made.publicKey });
  if (!claim.ok) return text;
  const proof = made.sign(claim.bytes);
  return withMembers(text, [
    ["new_key", JSON.stringify(made.publicKey)],
    ["proof", JSON.stringify(Buffer.from(proof).toString("base64"))],
  ]).text;
}

/** The refusal of an act that nobody has signed. */
export function unsigned(memberId: string): Problem {
  return problem("signature_missing", `This is an act of ${memberId}, and nobody has signed it.`, {
    pointer: "/signature",
    remedy: `Read GET /api/senate/signing/${encodeURIComponent(memberId)}, add instance, key, nonce and seen as it says, sign the canonical text with the member's key, and add signature.`,
  });
}

/** A problem of a text that stands behind `bytes` others, at its place in that text alone. */
export function movedBack({ offset, ...rest }: Problem, bytes: number): Problem {
  return { ...rest, ...(offset === undefined ? {} : { offset: Math.max(0, offset - bytes) }) };
}

/** Signs for the members whose keys are here. */
export function developmentSigner(keys: DevelopmentKeys): (memberId: string) => Signer {
  return (memberId) => (keyId) => {
    const key: SigningKey | undefined = keys.find(memberId, keyId);
    return key && ((bytes) => key.sign(bytes));
  };
}

interface Unsigned {
  command: string;
  memberId: string;
  /** The member of the command that names them. */
  actor: string;
  /** The members that it has. */
  given: ReadonlySet<string>;
}

/** The act in a command's text, when it is one without a signature. Whatever else is wrong with it, the core says. */
function unsignedAct(text: string): Unsigned | undefined {
  let members;
  try {
    members = membersOf(text);
  } catch {
    return undefined;
  }
  const command = textOf(members.get("command"));
  const actor = command === undefined ? undefined : ACTORS[command];
  if (command === undefined || actor === undefined || members.has("signature")) return undefined;
  const memberId = textOf(members.get(actor));
  return memberId === undefined ? undefined : { command, memberId, actor, given: new Set(members.keys()) };
}

function textOf(raw: string | undefined): string | undefined {
  if (raw === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
