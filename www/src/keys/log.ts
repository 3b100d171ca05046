/**
 * Whether the log that the host shows is the one it showed before. Looked at before anything is signed, because a
 * signature names the log that its signer saw.
 */
import type { Digest } from "schema-senate";
import { Failure } from "../api/problem.js";
import type { Client } from "../api/client.js";
import { core } from "../core.js";
import { keep, kept, type Alarm } from "./store.js";

export interface Seen {
  size: number;
  root: Digest;
}

/**
 * The host's checkpoint, once it is verified: signed by the log's key, and a continuation of what this browser verified
 * last. It is remembered in its place.
 *
 * @throws Failure `log_forked` when it is not; the alarm is kept until the reader dismisses it.
 */
export async function verifiedCheckpoint(client: Client, instance: string, logKey: string): Promise<Seen> {
  const note = await client.checkpoint();
  const before = await kept("checkpoints", instance);
  const alarm = async (reason: string): Promise<never> => {
    if (before) {
      const raised: Alarm = { instance, at_ms: Date.now(), reason, remembered: before, shown: note };
      await keep("alarms", raised);
    }
    throw forked(reason);
  };
  if (await kept("alarms", instance)) {
    throw forked("This browser has seen two logs of this senate that cannot both be true.");
  }
  if (before && before.log_key !== logKey) return alarm("The log is signed with another key than before.");
  const { verifyNote, verifyConsistency } = await core();
  const signed = verifyNote(note, instance, logKey);
  if (!signed.ok)
    return alarm(`The host's checkpoint is not what the log's key signs: ${signed.problem.message}.`);
  const now: Seen = { size: signed.size, root: signed.root };
  if (before) {
    if (now.size < before.size) {
      // Behind another instance of the host it may be an older checkpoint: true all the same, if it leads to ours.
      if (!(await leads(now, before)))
        return alarm("The log is shorter than it was, and not a beginning of it.");
      return before;
    }
    if (!(await leads(before, now))) return alarm("The log is not a continuation of the one seen before.");
  }
  await keep("checkpoints", { instance, log_key: logKey, ...now, note, verified_ms: Date.now() });
  return now;

  async function leads(from: Seen, to: Seen): Promise<boolean> {
    if (from.size === to.size) return from.root === to.root;
    const { proof } = await client.consistency(from.size, to.size);
    const question = { from: from.size, to: to.size, from_root: from.root, to_root: to.root, proof };
    return verifyConsistency(question).ok;
  }
}

function forked(reason: string): Failure {
  return new Failure(
    "refused",
    "Nothing was signed: this host shows another log than before",
    `${reason} Somebody may be showing different members different logs.`,
    "log_forked",
  );
}
