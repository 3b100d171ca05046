/**
 * What the command line keeps between two runs: for each host and origin the last verified checkpoint, and evidence.
 *
 * One small JSON file each, replaced as a whole, so that a run that is killed leaves the old one. A lock of its own keeps
 * two processes that read the same checkpoint from both replacing it.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, stat, unlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Evidence, type Keeper, type Kept, TrustError } from "./trust.js";

/** `$SENATE_STATE`, else the place of the XDG base directories. */
export function stateFolder(env: NodeJS.ProcessEnv): string {
  const own = env["SENATE_STATE"];
  if (own) return own;
  const xdg = env["XDG_STATE_HOME"];
  // A relative path there is to be ignored, says the specification.
  const base = xdg && isAbsolute(xdg) ? xdg : join(env["HOME"] || homedir(), ".local", "state");
  return join(base, "schema-senate");
}

/** A lock that is older belongs to a process that was killed: nothing is done under it but one small write. */
const staleMs = 5_000;

export class FileKeeper implements Keeper {
  constructor(readonly folder: string) {}

  /** The file of a host and an origin. */
  fileOf(host: string, origin: string): string {
    const name = origin.replace(/[^A-Za-z0-9.-]+/g, "_").slice(0, 60);
    const digest = createHash("sha256").update(`${host}\n${origin}`).digest("hex").slice(0, 16);
    return join(this.folder, "checkpoints", `${name}-${digest}.json`);
  }

  async read(host: string, origin: string): Promise<Kept | undefined> {
    const file = this.fileOf(host, origin);
    let text: string;
    try {
      text = await readFile(file, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw unusable(file, error);
    }
    const kept = keptIn(text);
    // Silently beginning anew would be what somebody who wants to hide a fork hopes for.
    if (kept === undefined || kept.host !== host || kept.origin !== origin) {
      throw new TrustError({
        code: "state_damaged",
        message: `${file} holds the last checkpoint of ${origin} at ${host}, and cannot be read.`,
        remedy: "Restore it, or move it away to trust the host as on the first day.",
      });
    }
    return kept;
  }

  async replace(before: Kept | undefined, after: Kept): Promise<boolean> {
    const file = this.fileOf(after.host, after.origin);
    try {
      await mkdir(join(this.folder, "checkpoints"), { recursive: true, mode: 0o700 });
      return await locked(`${file}.lock`, async () => {
        const now = await this.read(after.host, after.origin);
        if (JSON.stringify(now) !== JSON.stringify(before)) return false;
        const written = `${file}.${randomBytes(6).toString("hex")}`;
        await writeFile(written, `${JSON.stringify(after, null, 2)}\n`, { mode: 0o600 });
        await rename(written, file);
        return true;
      });
    } catch (error) {
      throw error instanceof TrustError ? error : unusable(file, error);
    }
  }

  async keepEvidence(evidence: Evidence): Promise<string> {
    const folder = join(this.folder, "evidence");
    // The same contradiction again is the same evidence.
    const { found_ms: _, ...lasting } = evidence;
    const digest = createHash("sha256").update(JSON.stringify(lasting)).digest("hex").slice(0, 16);
    const file = join(folder, `${evidence.code}-${digest}.json`);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(file, `${JSON.stringify(evidence, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unusable(file, error);
    }
    return file;
  }
}

async function locked<T>(lock: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      await (await open(lock, "wx", 0o600)).close();
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const age = await stat(lock).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      if (age > staleMs) await unlink(lock).catch(() => undefined);
      else await setTimeout(5 + Math.random() * 20);
    }
  }
  try {
    return await work();
  } finally {
    await unlink(lock).catch(() => undefined);
  }
}

function keptIn(text: string): Kept | undefined {
  try {
    const value = JSON.parse(text) as Partial<Kept> | null;
    const checkpoint = value?.checkpoint;
    const isWhole =
      typeof value?.host === "string" &&
      typeof value.origin === "string" &&
      typeof value.log_key === "string" &&
      typeof value.kept_ms === "number" &&
      typeof value.nonces === "object" &&
      value.nonces !== null &&
      Number.isSafeInteger(checkpoint?.size) &&
      typeof checkpoint?.root === "string" &&
      typeof checkpoint.note === "string";
    return isWhole ? (value as Kept) : undefined;
  } catch {
    return undefined;
  }
}

function unusable(file: string, error: unknown): TrustError {
  return new TrustError({
    code: "state_unusable",
    message: `The last checkpoint cannot be kept in ${file}: ${error instanceof Error ? error.message : String(error)}.`,
    remedy: "SENATE_STATE names another folder.",
  });
}
