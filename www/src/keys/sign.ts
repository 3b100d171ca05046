/**
 * An act on its way to the host: signed with the member's key in this browser, or, where the host signs for the member
 * (development mode), as it is.
 */
import { withMembers, type Act } from "../api/acts.js";
import type { Client, Senate } from "../api/client.js";
import { Failure } from "../api/problem.js";
import { core } from "../core.js";
import { Signal } from "../state/signal.js";
import { signBytes } from "./ed25519.js";
import { verifiedCheckpoint } from "./log.js";
import { keep, keptKeys, type KeptKey } from "./store.js";

/** Who signs for a member. */
export function hostSigns(senate: Senate, member: string): boolean {
  return senate.signing === "development" && senate.development_members.includes(member);
}

/** Counts up with every act that was done from this page. */
export const acted = new Signal(0);

/** Signs and sends; the host's answer. One act of a member at a time, in all tabs: nonces must rise. */
export async function perform(client: Client, act: Act): Promise<unknown> {
  const answer = await sent(client, act);
  acted.set(acted.value + 1);
  return answer;
}

async function sent(client: Client, act: Act): Promise<unknown> {
  const senate = await client.senate();
  if (hostSigns(senate, act.by)) return client.send(act.path, act.body);
  const send = async () => client.send(act.path, await signed(client, senate, act));
  // Pages without https have no locks; they have no keys either, which is what is said then.
  if (!("locks" in navigator)) return send();
  return navigator.locks.request(`senate:sign:${senate.origin}:${act.by}`, send);
}

/** The body with the signature in it. */
async function signed(client: Client, senate: Senate, act: Act): Promise<string> {
  const { signingBytes } = await core();
  const info = await client.signing(act.by);
  if (info.instance !== senate.origin) {
    throw new Failure("failed", "Nothing was signed", "The host names two senates in two answers.");
  }
  const key = (await keptKeys(senate.origin, act.by)).find((each) => each.key_id === info.key);
  if (!key) throw await noKey(senate, act.by);
  const seen = await verifiedCheckpoint(client, senate.origin, senate.log_key);
  const nonce = Math.max(info.next_nonce, key.last_nonce + 1);
  const body = withMembers(act.body, {
    instance: senate.origin,
    key: key.key_id,
    nonce,
    seen: { size: seen.size, root: seen.root },
  });
  const bytes = signingBytes(withMembers(body, act.addressed));
  if (!bytes.ok) {
    const { problem } = bytes;
    throw new Failure("refused", "This cannot be signed", problem.message, problem.code, [problem]);
  }
  // Remembered before it is used: if the answer gets lost, the next act has another nonce.
  await keep("keys", { ...key, last_nonce: nonce });
  return withMembers(body, { signature: await signBytes(key, bytes.bytes) });
}

async function noKey(senate: Senate, member: string): Promise<Failure> {
  const others: KeptKey[] = await keptKeys(senate.origin, member);
  return others.length === 0
    ? new Failure(
        "refused",
        `This browser holds no key of ${member}`,
        "Sign with the command line, where the key is; or make a key under Members and have it enrolled.",
        "key_missing",
      )
    : new Failure(
        "refused",
        `The key here is not the one that the senate knows for ${member}`,
        "It speaks for the member once a membership change has put it in place.",
        "key_not_current",
      );
}
