import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PartialPolicy, Scope } from "schema-senate";
import type { FoundingMember } from "schema-senate-host";
import type * as HostModule from "schema-senate-host";
import { command, jsonOption, operandsOf, wholeNumber } from "../command.js";
import { Exit, Fault, usageFault } from "../fault.js";
import { type Document, readJson, readStream } from "../input.js";
import { count, factLines } from "../report.js";
import { safeLine, type Terminal } from "../terminal.js";

export const serve = command({
  name: "serve",
  summary: "Start a host, with its page, on this machine",
  usage: [
    "serve --example [--data FOLDER | --memory | --database-url URL] [--port N]",
    "serve --development --member ID --member ID --member ID [--origin NAME] [--policy FILE] [--scope FILE]",
    "serve --member ID=KEY --member ID=KEY --member ID=KEY [--log-key FILE] …",
    "serve --import-log FILE --log-key FILE [--data FOLDER | --database-url URL]",
  ],
  details: [
    "The first start founds the senate: with example types and members, or with the members that are given. Later starts continue where it stood; --example and --member then change nothing.",
    "Every act of a member is signed with the member's own key, whose public half is given at the founding (`senate key new` makes one). With --development the host holds the keys of members who have none and signs for whoever asks: for trying it out, never for a senate that shall prove anything. --example implies it.",
    "The log itself is signed with the log key: `log.key` beside the data, made at the first start, or the file that --log-key or $SENATE_LOG_KEY names. All hosts of one database need the same one.",
    "--import-log begins with the log of another host (`senate export`), after all of it has been verified.",
    "Data is in an embedded PostgreSQL in FOLDER, open in one process at a time; in memory, gone when the host stops; or in a PostgreSQL server, which several hosts may share.",
    "SIGINT or SIGTERM stops it after what is under way.",
  ],
  options: {
    port: { type: "string", value: "N", help: "Default 8787; 0 takes a free one" },
    bind: { type: "string", value: "ADDRESS", help: "Default 127.0.0.1, this machine only" },
    data: { type: "string", value: "FOLDER", help: "Default .senate" },
    memory: { type: "boolean", help: "Keep nothing" },
    "database-url": { type: "string", value: "URL", help: "postgres://…; default $DATABASE_URL" },
    example: { type: "boolean", help: "Found an example senate: artifact types of a research platform" },
    development: { type: "boolean", help: "Hold the keys of members who have none, and sign for them" },
    "log-key": {
      type: "string",
      value: "FILE",
      help: "The key that signs the log; default $SENATE_LOG_KEY, then log.key beside the data",
    },
    "import-log": { type: "string", value: "FILE", help: "Begin with this log; `-` is standard input" },
    member: {
      type: "string",
      multiple: true,
      value: "ID[=KEY]",
      help: "Found a senate with this member and public key. May be repeated",
    },
    members: {
      type: "string",
      value: "FILE",
      help: "Found a senate with these members: a list of {id, key, name?, principal?, family?, role?}",
    },
    origin: {
      type: "string",
      value: "NAME",
      help: "The new senate's name, e.g. senate.example.org; default senate.localhost",
    },
    policy: {
      type: "string",
      value: "FILE",
      help: "Members of the new senate's policy that differ from the default",
    },
    scope: {
      type: "string",
      value: "FILE",
      help: "What the new senate's proposals may be about; default everything",
    },
    static: {
      type: "string",
      value: "DIR",
      help: "Serve the page from here; default the built page, where there is one",
    },
    ...jsonOption,
  },
  examples: [
    { line: "senate serve --example --memory", says: "look around" },
    {
      line: "senate serve --development --member ana --member ben --member eva",
      says: "a senate of three, in .senate, whose keys the host holds",
    },
    {
      line: "senate serve --members members.json --origin senate.example.org",
      says: "a senate whose members sign themselves",
    },
  ],
  exits: {
    0: "stopped by a signal",
    2: "no senate there yet and none to found",
    3: "the port is taken, or the data cannot be opened",
  },
  async run({ values, operands }, terminal) {
    operandsOf("serve", operands, []);
    const port = wholeNumber("port", values.port ?? "8787", 0, 65_535);
    const bind = values.bind ?? "127.0.0.1";
    const founding = await foundingOf(values, terminal);
    const log = values["import-log"];
    const imported = log === undefined ? undefined : await readStream(log, terminal, () => undefined);
    const page = values.static ?? builtPage();
    if (page !== undefined && !existsSync(page)) {
      throw new Fault(Exit.io, { code: "file_unreadable", message: `There is no folder ${page}.` });
    }
    // Only this command needs the host; the others start without its stores.
    const { foundSenate, seedExample, serve: listen, ...opening } = await import("schema-senate-host");
    const host = await openHost(opening, locationOf(values, terminal.env), {
      // An example's members have no keys of their own.
      development: values.development || values.example,
      logKey: values["log-key"] ?? (terminal.env["SENATE_LOG_KEY"] || undefined),
      log: imported,
    });
    let server;
    try {
      if ((await host.seq()) === 0) {
        if (values.example) {
          await seedExample(host);
        } else if (founding.members.length > 0) {
          if (host.signing === "required") keysNeeded(founding.members);
          await foundSenate(host, founding);
        } else {
          throw usageFault(
            `There is no senate in ${host.store.location} yet.`,
            "Found one: `--example` with example types, or `--member ID=KEY` for each member; with `--development` the host makes their keys.",
          );
        }
      }
      server = await listen(host, { port, hostname: bind, ...(page === undefined ? {} : { static: page }) });
    } catch (error) {
      await host.close();
      throw listenFault(error, bind, port);
    }
    // Before anybody is told that it runs: whoever reads that may stop it at once.
    const stopped = stopSignal();
    const senate = await host.view("senate");
    const { location } = host.store;
    if (values.json) {
      terminal.json({
        url: server.url,
        store: location,
        signing: host.signing,
        log_key: host.logKey,
        ...(senate.ok ? { senate: senate.view } : {}),
      });
    } else {
      const facts: [string, string][] = [
        ["page", page === undefined ? "none; build it, or name one with --static" : server.url],
        ["HTTP", `${server.url}/api/openapi.json describes it`],
        ["data", location],
        ["log key", host.logKey],
        [
          "signing",
          host.signing === "required"
            ? "every act is signed by its member"
            : `${terminal.paint("yellow", "development mode")}: the host holds keys of members and signs for whoever asks`,
        ],
      ];
      if (senate.ok) {
        const { origin, members, artifact_types, seq } = senate.view;
        facts.push(
          ["senate", safeLine(origin)],
          ["members", members.map(({ id }) => safeLine(id)).join(", ")],
          [
            "holds",
            `${count(artifact_types, "artifact type") || "no artifact types yet"}, ${count(seq, "event")}`,
          ],
        );
      }
      terminal.line(terminal.paint("bold", `The senate is at ${server.url}`));
      for (const line of factLines(facts, terminal)) terminal.line(line);
      terminal.line("Ctrl-C stops it.");
    }
    await stopped;
    await server.close();
    return Exit.ok;
  },
});

/** An option goes before the environment, and memory before everything, so that a look never touches data. */
function locationOf(
  values: { memory: boolean; data: string | undefined; "database-url": string | undefined },
  env: NodeJS.ProcessEnv,
): string {
  if (values.memory) return "memory:";
  if (values.data !== undefined && values["database-url"] !== undefined) {
    throw usageFault("`--data` and `--database-url` are two places for one senate.", "Give one of them.");
  }
  return values["database-url"] ?? values.data ?? (env["DATABASE_URL"] || ".senate");
}

interface Founding {
  origin: string;
  members: FoundingMember[];
  policy?: PartialPolicy;
  scope?: Partial<Scope>;
}

/** What the options say about a senate that is still to be founded. */
async function foundingOf(
  values: {
    origin: string | undefined;
    member: string[];
    members: string | undefined;
    policy: string | undefined;
    scope: string | undefined;
  },
  terminal: Terminal,
): Promise<Founding> {
  const [policy, scope, listed] = [
    await given(values.policy, terminal),
    await given(values.scope, terminal),
    await given(values.members, terminal),
  ];
  if (listed !== undefined && !Array.isArray(listed)) {
    throw new Fault(Exit.no, { code: "not_founded", message: `${values.members} is not a list of members.` });
  }
  const named = values.member.map((text): FoundingMember => {
    const at = text.indexOf("=");
    return at === -1 ? { id: text } : { id: text.slice(0, at), key: text.slice(at + 1) };
  });
  return {
    origin: values.origin ?? "senate.localhost",
    members: [...named, ...((listed ?? []) as FoundingMember[])],
    ...(policy === undefined ? {} : { policy: policy as PartialPolicy }),
    ...(scope === undefined ? {} : { scope: scope as Partial<Scope> }),
  };
}

/** A document of the founding; the core says what is wrong with it. */
async function given(file: string | undefined, terminal: Terminal): Promise<unknown> {
  if (file === undefined) return undefined;
  const { bytes }: Document = await readJson(file, terminal);
  return JSON.parse(Buffer.from(bytes).toString("utf8"));
}

function keysNeeded(members: readonly FoundingMember[]): void {
  const without = members.filter(({ key }) => key === undefined).map(({ id }) => id);
  if (without.length === 0) return;
  throw usageFault(
    `There is no key for ${without.join(", ")}, and every act must be signed.`,
    "Write `--member ID=ed25519:…` with the public key that `senate key new FILE` prints; or `--development`, and the host makes the keys.",
  );
}

async function openHost(
  {
    createHost,
    openStore,
    openLogKey,
    importLog,
    FolderLockedError,
    KeyFileError,
    StoreError,
  }: Pick<
    typeof HostModule,
    | "createHost"
    | "openStore"
    | "openLogKey"
    | "importLog"
    | "FolderLockedError"
    | "KeyFileError"
    | "StoreError"
  >,
  location: string,
  options: { development: boolean; logKey: string | undefined; log: Uint8Array | undefined },
): ReturnType<typeof createHost> {
  const { development, logKey, log } = options;
  try {
    const store = await openStore(location);
    try {
      if (log !== undefined) {
        const text = Buffer.from(log).toString("utf8");
        const imported = await importLog(store, text, await openLogKey(store, logKey));
        if (!imported.ok) throw new Fault(Exit.no, imported.problems);
      }
      return await createHost({ store, development, ...(logKey === undefined ? {} : { logKey }) });
    } catch (error) {
      await store.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof KeyFileError) {
      const { code, message, remedy } = error;
      throw new Fault(Exit.io, { code, message, ...(remedy === undefined ? {} : { remedy }) });
    }
    if (error instanceof FolderLockedError || error instanceof StoreError) {
      throw new Fault(Exit.io, { code: error.code, message: error.message });
    }
    // A folder that cannot be made or written: a file in its place, no rights, no room.
    if (error instanceof Error && "syscall" in error) {
      throw new Fault(Exit.io, {
        code: "data_unusable",
        message: `${location} cannot hold data: ${error.message}`,
      });
    }
    throw error;
  }
}

function listenFault(error: unknown, bind: string, port: number): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  const sentences: Record<string, { message: string; remedy: string }> = {
    EADDRINUSE: {
      message: `Port ${port} on ${bind} is in use.`,
      remedy: "Take another with `--port`; 0 takes a free one.",
    },
    EACCES: {
      message: `Port ${port} may not be opened.`,
      remedy: "Ports below 1024 often need rights; take a higher one.",
    },
    EADDRNOTAVAIL: {
      message: `${bind} is not an address of this machine.`,
      remedy: "Leave `--bind` out, or name another.",
    },
    ENOTFOUND: { message: `${bind} is not an address.`, remedy: "Write one like 127.0.0.1." },
  };
  const sentence = code === undefined ? undefined : sentences[code];
  if (sentence !== undefined) return new Fault(Exit.io, { code: "cannot_listen", ...sentence });
  // What the core says when founding is refused, e.g. about the policy.
  return error instanceof TypeError
    ? new Fault(Exit.no, { code: "not_founded", message: error.message })
    : error;
}

/** The page as it is built in the repository; an installed package has none beside it. */
function builtPage(): string | undefined {
  const folder = new URL("../../../../../www/", import.meta.url);
  try {
    const { name } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8")) as { name?: unknown };
    const page = fileURLToPath(new URL("dist", folder));
    return name === "schema-senate-www" && existsSync(page) ? page : undefined;
  } catch {
    return undefined;
  }
}

async function stopSignal(): Promise<void> {
  const done = new AbortController();
  await Promise.race([once(process, "SIGINT", done), once(process, "SIGTERM", done)]);
  // The second signal is the system's own again: it ends a stop that hangs.
  done.abort();
}
