import { core } from "../core.js";
import { signBytes } from "./ed25519.js";
import type { KeptKey } from "./store.js";

/** What only the holder of the new key can make: its signature over the senate, the member and itself. */
export async function rotationProof(next: KeptKey): Promise<string> {
  const { possessionBytes } = await core();
  const { instance, member_id: member, public_key: new_key } = next;
  const answer = possessionBytes({ instance, member, new_key });
  if (!answer.ok) throw new Error(answer.problem.message);
  return signBytes(next, answer.bytes);
}
