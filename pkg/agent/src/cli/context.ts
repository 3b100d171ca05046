/** What most commands need from their options: the host's client, who acts, the documents that are referred to. */
import { SenateClient } from "../client.js";
import { type Fault, usageFault } from "./fault.js";
import { type Document, readJson } from "./input.js";
import type { Terminal } from "./terminal.js";

export const defaultHost = "http://127.0.0.1:8787";

export function clientOf(host: string | undefined, terminal: Terminal): SenateClient {
  const address = host ?? (terminal.env["SENATE_HOST"] || defaultHost);
  const url = /^https?:\/\//i.test(address) ? parsed(address) : undefined;
  if (url === undefined || url.search !== "" || url.hash !== "") {
    throw usageFault(`\`${address}\` is not the address of a host.`, `Write it like \`${defaultHost}\`.`);
  }
  return new SenateClient({ host: url.href });
}

export function actorOf(as: string | undefined, terminal: Terminal): string {
  const actor = as ?? terminal.env["SENATE_AS"];
  if (!actor) throw missingActor();
  return actor;
}

export function missingActor(): Fault {
  return usageFault("Who acts?", "Write `--as ID`, or set SENATE_AS.");
}

export function readReferences(files: readonly string[], terminal: Terminal): Promise<Document[]> {
  return inOrder(files, (file) => readJson(file, terminal));
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
