/**
 * Ed25519 keys: the log key that signs checkpoints and certificates, and in development mode the keys of local members.
 * Private keys leave this module as signatures only, and memory as files that nobody else can read only.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign as signBytes,
} from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, link, open, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Store } from "./store/store.js";

/** A key that signs: its public text, its identifier, and the act of signing. */
export interface SigningKey {
  /** `ed25519:` and the standard base64 of the 32 raw bytes. */
  readonly publicKey: string;
  /** `sha256:` and the hexadecimal digest of the 32 raw bytes. */
  readonly keyId: string;
  /** 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

/** A key or a file of keys that cannot be used, with what to do about it. */
export class KeyFileError extends Error {
  override readonly name = "KeyFileError";
  constructor(
    readonly code:
      "key_file_exposed" | "key_file_missing" | "key_file_unreadable" | "key_not_ed25519" | "log_key_missing",
    message: string,
    readonly remedy?: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** The bytes of an Ed25519 public key in front of the key itself, in every SubjectPublicKeyInfo. */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** Only the owner may read or write. */
const MODE = 0o600;
const OTHERS = 0o077;
/** The largest file of keys that is read: far above what development needs. */
const LONGEST = 4 * 1024 * 1024;

class Ed25519Key implements SigningKey {
  readonly publicKey: string;
  readonly keyId: string;
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    this.#key = key;
    const raw = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(SPKI_PREFIX.length);
    this.publicKey = publicKeyText(raw);
    this.keyId = keyIdOf(raw);
  }

  sign(bytes: Uint8Array): Uint8Array {
    return signBytes(null, bytes, this.#key);
  }

  pem(): string {
    return this.#key.export({ format: "pem", type: "pkcs8" }).toString();
  }
}

export function publicKeyText(raw: Uint8Array): string {
  return `ed25519:${Buffer.from(raw).toString("base64")}`;
}

export function keyIdOf(raw: Uint8Array): string {
  return `sha256:${createHash("sha256").update(raw).digest("hex")}`;
}

/** The 32 bytes of a public key's text; `undefined` when it is none. */
export function rawPublicKey(text: string): Uint8Array | undefined {
  const base64 = /^ed25519:([A-Za-z0-9+/]{43}=)$/.exec(text)?.[1];
  if (base64 === undefined) return undefined;
  const raw = Buffer.from(base64, "base64");
  return raw.length === 32 && raw.toString("base64") === base64 ? raw : undefined;
}

/** A new key in memory. */
export function newKey(): SigningKey {
  return fresh();
}

/**
 * A key from PKCS#8 PEM text.
 *
 * @throws KeyFileError when it is no Ed25519 private key. The message never holds any of the text.
 */
export function keyFromPem(pem: string, where = "The key"): SigningKey {
  return parsed(pem, where);
}

/**
 * Reads a private key from a PKCS#8 PEM file.
 *
 * @throws KeyFileError when it is not there, others may read it, or it holds no Ed25519 key.
 */
export async function readKey(file: string): Promise<SigningKey> {
  return parsed(await readPrivate(file), file);
}

/**
 * Reads a key, or makes it where there is none. Of several that make it at once one wins, and all get that key.
 *
 * @throws KeyFileError as {@link readKey}.
 */
export async function readOrMakeKey(file: string): Promise<SigningKey> {
  for (;;) {
    try {
      return await readKey(file);
    } catch (error) {
      if (!(error instanceof KeyFileError) || error.code !== "key_file_missing") throw error;
    }
    const made = fresh();
    if (await createPrivate(file, made.pem())) return made;
  }
}

/** Where a store's keys stand unless the operator says otherwise: beside the data of a folder, nowhere else. */
export function keyFolder(store: Pick<Store, "kind" | "location">): string | undefined {
  return store.kind === "pglite" ? store.location : undefined;
}

/**
 * The key that signs the log of a store: from the file that is named, else `log.key` in the data folder, made at the first
 * start; in memory for a store in memory.
 *
 * @throws KeyFileError `log_key_missing` for a server's database without a file: several hosts share it, so all need one key.
 */
export async function openLogKey(
  store: Pick<Store, "kind" | "location">,
  file?: string,
): Promise<SigningKey> {
  if (file !== undefined) return readOrMakeKey(file);
  const folder = keyFolder(store);
  if (folder !== undefined) return readOrMakeKey(join(folder, "log.key"));
  if (store.kind === "memory") return newKey();
  throw new KeyFileError(
    "log_key_missing",
    `The senate in ${store.location} needs a key that signs its log, and none is named.`,
    "Name a file with --log-key FILE or SENATE_LOG_KEY; it is made at the founding. All hosts on one database use the same key.",
  );
}

/**
 * The keys of members that a host in development mode holds and signs with. Kept by identifier: a member's older keys stay,
 * and which of them is theirs now is for the log to say.
 */
export class DevelopmentKeys {
  readonly #file: string | undefined;
  /** By member, the oldest first. */
  readonly #keys = new Map<string, Ed25519Key[]>();
  /** One change of the file at a time. */
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(file: string | undefined) {
    this.#file = file;
  }

  /** Keys that end with the process. */
  static inMemory(): DevelopmentKeys {
    return new DevelopmentKeys(undefined);
  }

  /**
   * The keys in a file, which need not exist yet.
   *
   * @throws KeyFileError when others may read it, or it cannot be understood.
   */
  static async open(file: string): Promise<DevelopmentKeys> {
    const keys = new DevelopmentKeys(file);
    await keys.#read();
    return keys;
  }

  /** Beside the log key: `development-keys.json` in the data folder, or beside the file that is named. */
  static async beside(
    store: Pick<Store, "kind" | "location">,
    logKeyFile?: string,
  ): Promise<DevelopmentKeys> {
    const folder = keyFolder(store) ?? (logKeyFile === undefined ? undefined : dirname(logKeyFile));
    return folder === undefined
      ? DevelopmentKeys.inMemory()
      : DevelopmentKeys.open(join(folder, "development-keys.json"));
  }

  /** The members that have a key here, in the order of their names. */
  get members(): string[] {
    return [...this.#keys.keys()].sort();
  }

  /** The member's key with that identifier, when it is here. */
  find(memberId: string, keyId: string): SigningKey | undefined {
    return this.#keys.get(memberId)?.find((key) => key.keyId === keyId);
  }

  /** The newest key of each of these members; those who have none get one. */
  async ensure(memberIds: readonly string[]): Promise<Map<string, SigningKey>> {
    return this.#changed(() => {
      for (const id of memberIds) {
        if (!this.#keys.has(id)) this.#keys.set(id, [fresh()]);
      }
      return new Map(memberIds.map((id) => [id, this.#newest(id)]));
    });
  }

  /** Another key for a member, kept before anybody hears of it. */
  async add(memberId: string): Promise<SigningKey> {
    return this.#changed(() => {
      const made = fresh();
      this.#keys.set(memberId, [...(this.#keys.get(memberId) ?? []), made]);
      return made;
    });
  }

  #newest(id: string): SigningKey {
    const newest = this.#keys.get(id)?.at(-1);
    if (newest === undefined) throw new TypeError(`${id} has no key`);
    return newest;
  }

  async #changed<T>(change: () => T): Promise<T> {
    const turn = this.#writing.then(async () => {
      const file = this.#file;
      if (file === undefined) return change();
      // Another process may have made keys since; what it made stays.
      const isThere = await this.#read();
      const before = this.#text();
      const result = change();
      if (this.#text() === before) return result;
      if (isThere) await replacePrivate(file, this.#text());
      else if (!(await createPrivate(file, this.#text()))) {
        // It has made them just now: its keys are the ones to use.
        this.#keys.clear();
        await this.#read();
        const again = change();
        await replacePrivate(file, this.#text());
        return again;
      }
      return result;
    });
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  #text(): string {
    const members = this.members.map((id) => [id, (this.#keys.get(id) ?? []).map((key) => key.pem())]);
    return `${JSON.stringify({ note: NOTE, members: Object.fromEntries(members) }, null, 2)}\n`;
  }

  /** Whether there is a file. */
  async #read(): Promise<boolean> {
    const file = this.#file;
    if (file === undefined) return false;
    let text;
    try {
      text = await readPrivate(file);
    } catch (error) {
      if (error instanceof KeyFileError && error.code === "key_file_missing") return false;
      throw error;
    }
    for (const [id, pems] of membersIn(text, file)) {
      const known = this.#keys.get(id) ?? [];
      const keys = pems.map((pem) => parsed(pem, `${file}, ${id}`));
      const others = known.filter((key) => !keys.some((one) => one.keyId === key.keyId));
      this.#keys.set(id, [...keys, ...others]);
    }
    return true;
  }
}

const NOTE =
  "Private keys of a senate in development mode. Who can read this file can act for these members.";

function membersIn(text: string, file: string): [string, string[]][] {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    read = undefined;
  }
  const members = typeof read === "object" && read !== null && "members" in read ? read.members : undefined;
  const entries = typeof members === "object" && members !== null ? Object.entries(members) : undefined;
  const isWhole = entries?.every(
    (entry): entry is [string, string[]] =>
      Array.isArray(entry[1]) && entry[1].length > 0 && entry[1].every((pem) => typeof pem === "string"),
  );
  if (entries === undefined || isWhole !== true) {
    throw new KeyFileError("key_file_unreadable", `${file} does not hold development keys.`);
  }
  return entries as [string, string[]][];
}

function fresh(): Ed25519Key {
  return new Ed25519Key(generateKeyPairSync("ed25519").privateKey);
}

function parsed(pem: string, where: string): Ed25519Key {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, format: "pem" });
  } catch {
    // The parser's own words may quote the text.
    throw new KeyFileError("key_file_unreadable", `${where} holds no private key in PKCS#8 PEM.`);
  }
  if (key.asymmetricKeyType !== "ed25519") {
    throw new KeyFileError("key_not_ed25519", `${where} holds a key of another kind than Ed25519.`);
  }
  return new Ed25519Key(key);
}

/** The text of a file that only its owner can read. What is checked is the file that is read, not its name. */
async function readPrivate(file: string): Promise<string> {
  let handle: FileHandle;
  try {
    handle = await open(file, "r");
  } catch (error) {
    if (codeOf(error) === "ENOENT") {
      throw new KeyFileError("key_file_missing", `There is no file ${file}.`, undefined, { cause: error });
    }
    throw unreadable(file, error);
  }
  try {
    const found = await handle.stat();
    if (!found.isFile() || found.size > LONGEST) {
      throw new KeyFileError("key_file_unreadable", `${file} is no file of keys.`);
    }
    if (isExposed(found)) {
      throw new KeyFileError(
        "key_file_exposed",
        `Others than its owner can read or change ${file}, so the keys in it may be known.`,
        `Make new keys, or if you are sure that nobody has read it: chmod 600 ${file}`,
      );
    }
    return await handle.readFile("utf8");
  } catch (error) {
    throw error instanceof KeyFileError ? error : unreadable(file, error);
  } finally {
    await handle.close();
  }
}

/** Where there are no such rights, the system's own protect the file. */
function isExposed({ mode }: Stats): boolean {
  return process.platform !== "win32" && (mode & OTHERS) !== 0;
}

/**
 * Creates a file for its owner only; `false` when there is one already, which stays as it is. The name appears when the text
 * is whole, so that nobody reads half a key.
 */
async function createPrivate(file: string, text: string): Promise<boolean> {
  const aside = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeExclusive(aside, text);
  try {
    await link(aside, file);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    // A file system without links: the name appears first.
    return await writeExclusive(file, text);
  } finally {
    await unlink(aside).catch(() => undefined);
  }
}

/** Writes a file that must not be there; `false` when it is. */
async function writeExclusive(file: string, text: string): Promise<boolean> {
  let handle: FileHandle;
  try {
    handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, MODE);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw unreadable(file, error);
  }
  try {
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    await unlink(file).catch(() => undefined);
    throw unreadable(file, error);
  } finally {
    await handle.close();
  }
  return true;
}

/** Puts another text in place of a file's, whole or not at all. */
async function replacePrivate(file: string, text: string): Promise<void> {
  const aside = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeExclusive(aside, text);
  await rename(aside, file);
}

function unreadable(file: string, error: unknown): KeyFileError {
  const message = error instanceof Error ? error.message : String(error);
  return new KeyFileError("key_file_unreadable", `${file} cannot be used: ${message}`, undefined, {
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
