/**
 * A checkpoint of a log as the host signs it: origin, size, root, an empty line, and a line with the signature
 * (C2SP tlog-checkpoint in a signed note). Only read here; the core verifies.
 */
import type { Digest } from "schema-senate";

export interface NoteRead {
  origin: string;
  size: number;
  root: Digest;
}

/** Nothing where the text is no checkpoint of a log of ours. */
export function readNote(note: string): NoteRead | undefined {
  const [origin = "", size = "", root = ""] = note.split("\n");
  if (origin === "" || !/^(0|[1-9][0-9]{0,15})$/.test(size) || !/^[A-Za-z0-9+/]{43}=$/.test(root))
    return undefined;
  const bytes = Uint8Array.from(atob(root), (letter) => letter.charCodeAt(0));
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { origin, size: Number(size), root: `sha256:${hex}` };
}
