/** Ed25519 as the browser itself does it: the private key is made unextractable, and never seen by a script. */
import { core } from "../core.js";
import { keep, type KeptKey } from "./store.js";

/** Why this browser cannot keep a key, in a sentence; nothing where it can. */
export type NoKeys = "no_secure_context" | "no_ed25519" | "no_storage";

export const NO_KEYS: Record<NoKeys, string> = {
  no_secure_context: "Browsers make keys only on pages that come over https, or from this machine.",
  no_ed25519: "This browser cannot sign with Ed25519.",
  no_storage: "This browser does not let the page keep anything.",
};

let asking: Promise<NoKeys | undefined> | undefined;

export function cannotKeepKeys(): Promise<NoKeys | undefined> {
  asking ??= ask();
  return asking;
}

async function ask(): Promise<NoKeys | undefined> {
  if (!("subtle" in crypto) || crypto.subtle === undefined) return "no_secure_context";
  if (!("indexedDB" in globalThis) || indexedDB === null) return "no_storage";
  try {
    await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
    return undefined;
  } catch {
    return "no_ed25519";
  }
}

/** Makes a key pair and keeps it here. */
export async function makeKey(instance: string, member_id: string): Promise<KeptKey> {
  const pair = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const public_key = `ed25519:${base64(raw)}`;
  const { keyId } = await core();
  const answer = keyId(public_key);
  if (!answer.ok) throw new Error(answer.problem.message);
  const key: KeptKey = {
    instance,
    member_id,
    key_id: answer.key_id,
    public_key,
    private_key: pair.privateKey,
    created_ms: Date.now(),
    last_nonce: 0,
  };
  await keep("keys", key);
  return key;
}

/** A signature as it goes into an act: standard base64 of its 64 bytes. */
export async function signBytes(key: KeptKey, bytes: Uint8Array): Promise<string> {
  // A copy of its own: what is signed must not be a view of memory that somebody else writes to.
  const signature = await crypto.subtle.sign("Ed25519", key.private_key, new Uint8Array(bytes));
  return base64(new Uint8Array(signature));
}

export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
