/**
 * Keys of members: Ed25519, in PKCS#8 PEM files that nobody else can read.
 *
 * A private key enters this process when its file is read and leaves it in no form but signatures: nothing here returns,
 * prints or logs it.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import type { Problem } from "schema-senate";
import type { Signer } from "./signer.js";

/** A key that cannot be made, read or used, and why. */
export class KeyError extends Error {
  override readonly name = "KeyError";
  readonly problem: Problem;
  constructor(problem: Omit<Problem, "severity" | "pointer">, options?: { cause?: unknown }) {
    super(problem.message, options);
    this.problem = { severity: "error", pointer: "", ...problem };
  }
}

export interface KeyFileOptions {
  /** Encrypts a new file, and opens one that is encrypted. */
  passphrase?: string | undefined;
}

/** A PKCS#8 Ed25519 key is 119 bytes of PEM, an encrypted one some 350. */
const largest = 16 * 1024;

/**
 * Makes a key and its file, readable by its owner only. A file that is there is never touched.
 *
 * @throws KeyError
 */
export async function createKey(file: string, options: KeyFileOptions = {}): Promise<Signer> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({
    format: "pem",
    type: "pkcs8",
    ...(options.passphrase ? { cipher: "aes-256-cbc", passphrase: options.passphrase } : {}),
  });
  let handle: FileHandle;
  try {
    handle = await open(file, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new KeyError({ code: "key_unwritable", message: `There is no folder for ${file}.` });
    }
    throw unusable(file, error);
  }
  try {
    await handle.chmod(0o600);
    await handle.writeFile(pem);
    // Whoever is told the public key relies on the other half being there tomorrow.
    await handle.sync();
  } catch (error) {
    await handle.close();
    await unlink(file);
    throw unusable(file, error);
  }
  await handle.close();
  return signerOf(privateKey);
}

/**
 * Reads a key from a file that its owner alone may read.
 *
 * @throws KeyError
 */
export async function readKey(file: string, options: KeyFileOptions = {}): Promise<Signer> {
  return signerOf(privateKeyIn(await textOf(file), file, options.passphrase));
}

/** A signer that holds a private key, e.g. one of `generateKeyPairSync("ed25519")`. */
export function signerOf(privateKey: KeyObject): Signer {
  if (privateKey.type !== "private" || privateKey.asymmetricKeyType !== "ed25519") {
    throw new KeyError({ code: "key_not_ed25519", message: "This is not an Ed25519 private key." });
  }
  const raw = Buffer.from(createPublicKey(privateKey).export({ format: "jwk" }).x ?? "", "base64url");
  return {
    publicKey: `ed25519:${raw.toString("base64")}`,
    keyId: `sha256:${createHash("sha256").update(raw).digest("hex")}`,
    sign: (bytes) => sign(null, bytes, privateKey),
  };
}

async function textOf(file: string): Promise<string> {
  let handle: FileHandle;
  try {
    handle = await open(file, "r");
  } catch (error) {
    throw unusable(file, error);
  }
  try {
    // Of the open file, not of the name: nothing can be put in its place in between.
    const stats = await handle.stat();
    if (!stats.isFile()) {
      throw new KeyError({ code: "key_unreadable", message: `${file} is not a file.` });
    }
    // Windows keeps no such bits.
    if (process.platform !== "win32" && (stats.mode & 0o077) !== 0) {
      throw new KeyError({
        code: "key_readable_by_others",
        message: `${file} may be read by others (mode ${(stats.mode & 0o777).toString(8).padStart(4, "0")}): a key that others can read is not only yours.`,
        remedy: `Run \`chmod 600 ${file}\`.`,
      });
    }
    if (stats.size > largest) {
      throw new KeyError({ code: "key_malformed", message: `${file} is too large for a key.` });
    }
    return await handle.readFile("utf8");
  } catch (error) {
    throw error instanceof KeyError ? error : unusable(file, error);
  } finally {
    await handle.close();
  }
}

function privateKeyIn(pem: string, file: string, passphrase: string | undefined): KeyObject {
  const [label] = /(?<=^-----BEGIN )[A-Z0-9 ]+(?=-----\s*$)/m.exec(pem) ?? [];
  if (label === undefined) {
    throw new KeyError({
      code: "key_malformed",
      message: `${file} is not a PEM file.`,
      remedy: "`senate key new FILE` makes a key.",
    });
  }
  if (label === "PUBLIC KEY") {
    throw new KeyError({
      code: "key_not_private",
      message: `${file} is a public key; only the private one can sign.`,
    });
  }
  if (label === "OPENSSH PRIVATE KEY") {
    throw new KeyError({
      code: "key_malformed",
      message: `${file} is a key in OpenSSH's own format, not PKCS#8.`,
      remedy: "`senate key new FILE` makes a key for the senate.",
    });
  }
  if (label === "ENCRYPTED PRIVATE KEY" && !passphrase) {
    throw new KeyError({
      code: "key_passphrase_missing",
      message: `${file} is protected by a passphrase.`,
      remedy: "Set SENATE_KEY_PASSPHRASE.",
    });
  }
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, format: "pem", ...(passphrase ? { passphrase } : {}) });
  } catch {
    // What OpenSSL says is about its own insides, and a cause could carry what was read.
    throw label === "ENCRYPTED PRIVATE KEY"
      ? new KeyError({
          code: "key_passphrase_wrong",
          message: `${file} does not open with this passphrase, or is damaged.`,
          remedy: "Check SENATE_KEY_PASSPHRASE.",
        })
      : new KeyError({ code: "key_malformed", message: `${file} holds no key that can be read.` });
  }
  if (key.asymmetricKeyType !== "ed25519") {
    throw new KeyError({
      code: "key_not_ed25519",
      message: `${file} is a key of the kind ${key.asymmetricKeyType ?? "unknown"}; members sign with Ed25519.`,
      remedy: "`senate key new FILE` makes one.",
    });
  }
  return key;
}

function unusable(file: string, error: unknown): KeyError {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code === "EEXIST") {
    return new KeyError({
      code: "key_file_exists",
      message: `There is a file ${file} already; it was left as it is.`,
      remedy: "Name another file. A key that is overwritten is lost for ever.",
    });
  }
  const sentences: Record<string, string> = {
    ENOENT: `There is no file ${file}.`,
    EISDIR: `${file} is a folder, not a file.`,
    EACCES: `${file} may not be opened.`,
  };
  return new KeyError({
    code: "key_unreadable",
    message:
      sentences[code] ?? `${file} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
  });
}
