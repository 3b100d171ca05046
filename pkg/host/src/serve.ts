/** The HTTP server around a host: starts, says where it listens, and stops without dropping what is under way. */
import { createAdaptorServer } from "@hono/node-server";
import { Server } from "node:http";
import type { Host } from "./host.js";
import { type AppOptions, createApp } from "./http/app.js";

export interface ServeOptions extends AppOptions {
  /** Default 7357; 0 takes a free one. */
  port?: number;
  /** Default `127.0.0.1`: nobody else can reach it. */
  hostname?: string;
  /** Stop on SIGINT and SIGTERM, then end the process. Default false. */
  signals?: boolean;
  /** How long a stop waits for answers under way. Default 10 s. */
  graceMs?: number;
}

export interface RunningServer {
  /** Without a slash at its end. */
  url: string;
  port: number;
  /** Takes no more requests, finishes those under way, then closes the host and its store. */
  close(): Promise<void>;
}

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

/** @throws Error with code `EADDRINUSE` when the port is taken. */
export async function serve(host: Host, options: ServeOptions = {}): Promise<RunningServer> {
  const hostname = options.hostname ?? "127.0.0.1";
  // Bound to this machine, it answers only under this machine's names: a site of another name that resolves here could
  // otherwise use it from a browser.
  const own = LOOPBACK.has(hostname) ? [...LOOPBACK, "[::1]"] : undefined;
  const allowedHosts = options.allowedHosts === undefined ? own : [...options.allowedHosts, ...(own ?? [])];
  if (own === undefined && host.signing === "development") {
    host.logger.warn(
      `Development mode on ${hostname}: whoever reaches this host can act for every member whose key it holds.`,
    );
  }
  const app = createApp(host, { ...options, ...(allowedHosts === undefined ? {} : { allowedHosts }) });
  const server = createAdaptorServer({ fetch: app.fetch });
  if (!(server instanceof Server)) throw new TypeError("expected an HTTP/1.1 server");
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 7357, hostname, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : (options.port ?? 7357);

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= stop(server, host, options.graceMs ?? 10_000);
    return closing;
  };
  if (options.signals === true) stopOnSignals(close, host);
  return { url: `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`, port, close };
}

async function stop(server: Server, host: Host, graceMs: number): Promise<void> {
  // Streams of progress would hold their connections for as long as a migration lasts.
  host.migrator.stopFollowing();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection becomes idle when its answer is out; clients would keep it open for seconds.
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(timer);
  await host.close();
}

/** A second signal does not wait: the log is safe at any moment. */
function stopOnSignals(close: () => Promise<void>, host: Host): void {
  let asked = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (asked) process.exit(1);
      asked = true;
      host.logger.info(`${signal}: stopping`);
      close().then(
        () => process.exit(0),
        (error: unknown) => {
          host.logger.error(error instanceof Error ? error.message : String(error));
          process.exit(1);
        },
      );
    });
  }
}
