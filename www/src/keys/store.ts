/**
 * What this browser keeps for its reader, in IndexedDB: key pairs whose private half cannot leave it, the last verified
 * checkpoint of each log, and the proof of a log that was not what it had been.
 */
import type { Digest } from "schema-senate";
import { Signal } from "../state/signal.js";

export interface KeptKey {
  /** The senate: the origin of its log. */
  instance: string;
  member_id: string;
  key_id: Digest;
  /** `ed25519:` and base64. */
  public_key: string;
  private_key: CryptoKey;
  created_ms: number;
  /** The highest nonce that was ever signed with: what a host says cannot make a member sign one twice. */
  last_nonce: number;
}

export interface KeptCheckpoint {
  instance: string;
  /** The key that the log was first seen signed with. */
  log_key: string;
  size: number;
  root: Digest;
  /** The signed note, as the host sent it. */
  note: string;
  verified_ms: number;
}

/** Two notes of one log that cannot both be true, or one that its key did not sign. */
export interface Alarm {
  instance: string;
  at_ms: number;
  /** What is wrong, in one sentence. */
  reason: string;
  remembered: KeptCheckpoint;
  /** What the host shows now: a note, or what stands in its place. */
  shown: string;
}

interface Kept {
  keys: KeptKey;
  checkpoints: KeptCheckpoint;
  alarms: Alarm;
}

const KEY_PATHS: Record<keyof Kept, string | string[]> = {
  keys: ["instance", "member_id", "key_id"],
  checkpoints: "instance",
  alarms: "instance",
};

/** Counts up whenever something is kept or forgotten, in this tab or another. */
export const keptChanged = new Signal(0);

const tick = (): void => keptChanged.set(keptChanged.value + 1);
const channel = new BroadcastChannel("senate:kept");
channel.addEventListener("message", tick);

let opening: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open("schema-senate", 1);
    request.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(KEY_PATHS))
        request.result.createObjectStore(name, { keyPath });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB did not open"));
  });
  // Storage that was refused once may be allowed the next time.
  opening.catch(() => (opening = undefined));
  return opening;
}

/** One transaction; done when it is on disk. */
async function within<Name extends keyof Kept, T>(
  name: Name,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  return new Promise<T>((resolve, reject) => {
    const transaction = database.transaction(name, mode, { durability: "strict" });
    const request = work(transaction.objectStore(name));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? new Error("IndexedDB refused"));
  });
}

export async function keep<Name extends keyof Kept>(name: Name, value: Kept[Name]): Promise<void> {
  await within(name, "readwrite", (store) => store.put(value));
  tick();
  channel.postMessage(name);
}

export async function forget<Name extends keyof Kept>(name: Name, key: string | string[]): Promise<void> {
  await within(name, "readwrite", (store) => store.delete(key));
  tick();
  channel.postMessage(name);
}

export function kept<Name extends "checkpoints" | "alarms">(
  name: Name,
  instance: string,
): Promise<Kept[Name] | undefined> {
  return within(name, "readonly", (store) => store.get(instance) as IDBRequest<Kept[Name] | undefined>);
}

/** The keys of a member, or of everybody, in a senate; the newest first. */
export async function keptKeys(instance: string, member_id?: string): Promise<KeptKey[]> {
  const all = await within("keys", "readonly", (store) => store.getAll() as IDBRequest<KeptKey[]>);
  return all
    .filter((key) => key.instance === instance && (member_id === undefined || key.member_id === member_id))
    .sort((a, b) => b.created_ms - a.created_ms);
}
