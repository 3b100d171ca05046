/**
 * One process per data folder. PGlite lets a second process open the same folder and then both corrupt it, so the
 * host keeps a lock file of its own beside the data.
 *
 * The file names its holder: process id, that process's start time, the machine's boot and the PID namespace, and a
 * random token. On the same boot and namespace the holder is looked up exactly, so a dead holder's lock is taken
 * over at once and a recycled process id does not keep it. Where it cannot be looked up (another container or
 * machine on a shared volume, a system without /proc), the file's heartbeat decides.
 */
import { randomUUID } from "node:crypto";
import { open, readFile, readlink, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StoreError } from "./store.js";

const HEARTBEAT_MS = 5_000;
/** A heartbeat older than this is a dead holder's. */
const STALE_MS = 30_000;
/** A lock file that says nothing after this long was left by a crash between its creation and its first line. */
const UNWRITTEN_MS = 2_000;
/** A takeover's guard older than this was left by a crash. */
const GUARD_MS = 10_000;

interface Holder {
  pid: number;
  token: string;
  machine: string;
  /** Of the boot and of the PID namespace; null where the system does not tell. */
  boot: string | null;
  /** Clock ticks from boot to the process's start; null where the system does not tell. */
  started: string | null;
}

export interface FolderLock {
  /** Runs `work` unless the lock was lost meanwhile. */
  guard<T>(work: () => Promise<T>): Promise<T>;
  release(): Promise<void>;
}

/** Another process (or this one) has the folder open. */
export class FolderLockedError extends Error {
  override readonly name = "FolderLockedError";
  readonly code = "folder_locked";
  constructor(
    readonly folder: string,
    readonly pid: number,
    detail: string,
  ) {
    super(
      `The data folder ${folder} is already open in process ${pid}${detail}. Stop that process, or use another folder.`,
    );
  }
}

export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, "senate.lock");
  const mine: Holder = {
    pid: process.pid,
    token: randomUUID(),
    machine: hostname(),
    boot: await bootOf(),
    started: await startOf(process.pid),
  };
  for (let attempt = 0; !(await create(path, mine)); attempt += 1) {
    const holder = await read(path);
    if (holder === "gone") continue;
    const age = await ageOf(path);
    if (holder === "unreadable") {
      // Created and not yet written, or cut off by a crash between the two.
      if (age < UNWRITTEN_MS || attempt > 50) {
        if (attempt > 50) throw new FolderLockedError(folder, 0, ` (the lock file ${path} cannot be read)`);
        await sleep(100);
        continue;
      }
    } else if (await alive(holder, mine, age)) {
      const where = holder.machine === mine.machine ? "" : ` on ${holder.machine}`;
      throw new FolderLockedError(folder, holder.pid, where);
    }
    await takeAway(path, holder === "unreadable" ? null : holder.token);
  }
  return heldLock(path, folder, mine);
}

function heldLock(path: string, folder: string, mine: Holder): FolderLock {
  let lost = false;
  const beat = async (): Promise<void> => {
    const holder = await read(path);
    if (typeof holder === "string" || holder.token !== mine.token) {
      lost = true;
      return;
    }
    const now = new Date();
    await utimes(path, now, now);
  };
  const timer = setInterval(() => {
    beat().catch(() => {
      lost = true;
    });
  }, HEARTBEAT_MS);
  timer.unref();
  return {
    guard: async (work) => {
      if (lost) {
        throw new StoreError(
          "store_unavailable",
          `The lock of ${folder} was taken away; this process writes no more.`,
        );
      }
      return work();
    },
    release: async () => {
      clearInterval(timer);
      const holder = await read(path);
      if (typeof holder !== "string" && holder.token === mine.token) await rm(path, { force: true });
    },
  };
}

/** Creates the file, or says that there is one. */
async function create(path: string, holder: Holder): Promise<boolean> {
  let file;
  try {
    file = await open(path, "wx", 0o600);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
  try {
    await file.writeFile(`${JSON.stringify(holder)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return true;
}

/**
 * Removes a dead holder's file, under a guard that one process at a time can have. Without it, one that judged the dead
 * file could remove the file of another that was quicker.
 */
async function takeAway(path: string, token: string | null): Promise<void> {
  const guard = `${path}.takeover`;
  let file;
  try {
    file = await open(guard, "wx", 0o600);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    // Whoever has the guard needs milliseconds; an old one is a crash's.
    if ((await ageOf(guard)) > GUARD_MS) await rm(guard, { force: true });
    await sleep(20);
    return;
  }
  try {
    const found = await read(path);
    const same =
      typeof found === "string"
        ? token === null && found === "unreadable" && (await ageOf(path)) >= UNWRITTEN_MS
        : found.token === token;
    if (same) await rm(path, { force: true });
  } finally {
    await file.close();
    await rm(guard, { force: true });
  }
}

async function alive(holder: Holder, mine: Holder, ageMs: number): Promise<boolean> {
  if (holder.boot !== null && holder.boot === mine.boot) {
    const started = await startOf(holder.pid);
    return started !== null && started === holder.started;
  }
  if (holder.boot === null && mine.boot === null && holder.machine === mine.machine && !runs(holder.pid))
    return false;
  return ageMs < STALE_MS;
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

async function read(path: string): Promise<Holder | "gone" | "unreadable"> {
  let text;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return "gone";
    throw error;
  }
  try {
    const value: unknown = JSON.parse(text);
    return isHolder(value) ? value : "unreadable";
  } catch {
    return "unreadable";
  }
}

function isHolder(value: unknown): value is Holder {
  return (
    typeof value === "object" &&
    value !== null &&
    "pid" in value &&
    typeof value.pid === "number" &&
    "token" in value &&
    typeof value.token === "string" &&
    "machine" in value &&
    "boot" in value &&
    "started" in value
  );
}

async function ageOf(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}

async function bootOf(): Promise<string | null> {
  try {
    const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    return `${boot} ${await readlink("/proc/self/ns/pid")}`;
  } catch {
    return null;
  }
}

/** Field 22 of /proc/<pid>/stat; the second field may hold spaces and parentheses, so count from the last one. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    // A zombie (state Z) and a dead task (X) run nothing any more.
    return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
