import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Policy } from "schema-senate";
import type * as HostModule from "schema-senate-host";
import { command, jsonOption, operandsOf, wholeNumber } from "../command.js";
import { Exit, Fault, usageFault } from "../fault.js";
import { readJson } from "../input.js";
import { count, factLines } from "../report.js";
import { safeLine } from "../terminal.js";

export const serve = command({
  name: "serve",
  summary: "Start a host, with its page, on this machine",
  usage: [
    "serve --example [--data FOLDER | --memory | --database-url URL] [--port N]",
    "serve --member ID --member ID --member ID [--origin NAME] [--policy FILE]",
  ],
  details: [
    "The first start founds the senate: with example types and members, or with the members that are given. Later starts continue where it stood; --example and --member then change nothing.",
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
    member: {
      type: "string",
      multiple: true,
      value: "ID",
      help: "Found a senate with this member. May be repeated",
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
    static: {
      type: "string",
      value: "DIR",
      help: "Serve the page from here; default the built page, where there is one",
    },
    ...jsonOption,
  },
  examples: [
    { line: "senate serve --example --memory", says: "look around" },
    { line: "senate serve --member ana --member ben --member eva", says: "a senate of three, in .senate" },
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
    const policy = values.policy === undefined ? undefined : await readJson(values.policy, terminal);
    const page = values.static ?? builtPage();
    if (page !== undefined && !existsSync(page)) {
      throw new Fault(Exit.io, { code: "file_unreadable", message: `There is no folder ${page}.` });
    }
    // Only this command needs the host; the others start without its stores.
    const { foundSenate, seedExample, serve: listen, ...opening } = await import("schema-senate-host");
    const host = await openHost(opening, locationOf(values, terminal.env));
    let server;
    try {
      if ((await host.seq()) === 0) {
        if (values.example) {
          await seedExample(host);
        } else if (values.member.length > 0) {
          await foundSenate(host, {
            origin: values.origin ?? "senate.localhost",
            members: values.member.map((id) => ({ id })),
            ...(policy === undefined
              ? {}
              : { policy: JSON.parse(Buffer.from(policy.bytes).toString("utf8")) as Partial<Policy> }),
          });
        } else {
          throw usageFault(
            `There is no senate in ${host.store.location} yet.`,
            "Found one: `--example` with example types, or `--member ID` for each member.",
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
      terminal.json({ url: server.url, store: location, ...(senate.ok ? { senate: senate.view } : {}) });
    } else {
      const facts: [string, string][] = [
        ["page", page === undefined ? "none; build it, or name one with --static" : server.url],
        ["HTTP", `${server.url}/api/openapi.json describes it`],
        ["data", location],
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

async function openHost(
  {
    createHost,
    openStore,
    FolderLockedError,
    StoreError,
  }: Pick<typeof HostModule, "createHost" | "openStore" | "FolderLockedError" | "StoreError">,
  location: string,
): ReturnType<typeof createHost> {
  try {
    const store = await openStore(location);
    try {
      return await createHost({ store });
    } catch (error) {
      await store.close();
      throw error;
    }
  } catch (error) {
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
