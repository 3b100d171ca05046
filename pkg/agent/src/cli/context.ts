/** What most commands need from their options: the host's client, who acts, the documents that are referred to. */
import { SenateClient } from "../client.js";
import { readKey } from "../keys.js";
import { FileKeeper, stateFolder } from "../state.js";
import { Exit, Fault, usageFault } from "./fault.js";
import { type Document, readDocument, readJson } from "./input.js";
import type { Terminal } from "./terminal.js";

export const defaultHost = "http://127.0.0.1:8787";

/** The options of `actOptions` that say who acts. */
export interface ActValues {
  as: string | undefined;
  key: string | undefined;
  host: string | undefined;
}

/** A client that reads. It keeps and compares checkpoints, and signs nothing. */
export function clientOf(host: string | undefined, terminal: Terminal): SenateClient {
  return new SenateClient({ host: addressOf(host, terminal), keeper: keeperOf(terminal) });
}

/** A client that acts, and who acts: as the options say, else the member that the key belongs to. */
export async function actingClient(
  values: ActValues,
  terminal: Terminal,
  /** Who acts when the options do not say: what a document names itself. */
  own?: string,
): Promise<{ client: SenateClient; actor: string }> {
  const host = addressOf(values.host, terminal);
  const file = keyFileOf(values.key, terminal);
  const named = own ?? values.as ?? (terminal.env["SENATE_AS"] || undefined);
  if (file === undefined) {
    if (named === undefined) throw missingActor();
    return { client: new SenateClient({ host, member: named, keeper: keeperOf(terminal) }), actor: named };
  }
  const key = await readKey(file, { passphrase: terminal.env["SENATE_KEY_PASSPHRASE"] });
  const actor = named ?? (await ownerOf(key.keyId, clientOf(values.host, terminal)));
  return { client: new SenateClient({ host, member: actor, key, keeper: keeperOf(terminal) }), actor };
}

export function keyFileOf(key: string | undefined, terminal: Terminal): string | undefined {
  return key ?? (terminal.env["SENATE_KEY"] || undefined);
}

function keeperOf(terminal: Terminal): FileKeeper {
  return new FileKeeper(stateFolder(terminal.env));
}

/** The member whose key it is. */
async function ownerOf(keyId: string, client: SenateClient): Promise<string> {
  const { members } = await client.members();
  const owner = members.find((member) => member.key_id === keyId);
  if (owner !== undefined) return owner.id;
  throw new Fault(Exit.no, {
    code: "key_not_registered",
    message: `No member at ${client.host} signs with the key ${keyId}.`,
    remedy: "A membership change enrols a key: `senate key show FILE` prints what it needs.",
  });
}

function addressOf(host: string | undefined, terminal: Terminal): string {
  const address = host ?? (terminal.env["SENATE_HOST"] || defaultHost);
  const url = /^https?:\/\//i.test(address) ? parsed(address) : undefined;
  if (url === undefined || url.search !== "" || url.hash !== "") {
    throw usageFault(`\`${address}\` is not the address of a host.`, `Write it like \`${defaultHost}\`.`);
  }
  return url.href;
}

function missingActor(): Fault {
  return usageFault("Who acts?", "Write `--as ID`, or set SENATE_AS.");
}

/** A text that stands on the command line; `-` is standard input, without the line break at its end. */
export async function textOf(operand: string, terminal: Terminal): Promise<string> {
  if (operand !== "-") return operand;
  const { bytes } = await readDocument("-", terminal);
  return Buffer.from(bytes)
    .toString("utf8")
    .replace(/\r?\n$/, "");
}

export function readReferences(files: readonly string[], terminal: Terminal): Promise<Document[]> {
  return inOrder(files, (file) => readJson(file, terminal));
}

/** The id of a proposal as it stands in the log: a ULID is read in either case. */
export function proposalId(given: string): string {
  return /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i.test(given) ? given.toUpperCase() : given;
}

/** One after the other: the first problem is that of the first file. */
export async function inOrder<In, Out>(
  items: readonly In[],
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

function parsed(address: string): URL | undefined {
  try {
    return new URL(address);
  } catch {
    return undefined;
  }
}
