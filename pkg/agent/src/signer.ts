/** Who signs: the public half of a key, and something that signs bytes with the other half. */
import type { Digest } from "schema-senate";

export interface Signer {
  /** `ed25519:` and the base64 of the 32 bytes. */
  readonly publicKey: string;
  /** `sha256:` and the hexadecimal digest of the same bytes. */
  readonly keyId: Digest;
  /** 64 bytes, Ed25519. May be a call to another process or to a browser's key store. */
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}
