/** The page's files: from one folder, with their types, compressed where a compressed copy stands beside them. */
import type { Context, Handler } from "hono";
import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { extname, join, resolve, sep } from "node:path";
import { Readable } from "node:stream";

const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/** Scripts and styles come from this host only; scripts may compile WebAssembly, not evaluate text. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const ENCODINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

interface File {
  path: string;
  size: number;
  modifiedMs: number;
}

/** Serves files of `folder`; a path that names none and looks like a page gets `index.html`. */
export function servePage(folder: string): Handler {
  const root = resolve(folder);
  return async (context, next) => {
    const path = context.req.path;
    if (path.startsWith("/api/")) return next();
    const isPage = extname(path) === "" && !path.includes("/.");
    const found = (await find(root, path)) ?? (isPage ? await find(root, "/index.html") : undefined);
    return found === undefined ? next() : send(context, found);
  };
}

async function find(root: string, path: string): Promise<File | undefined> {
  let decoded;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  const segments = decoded.split("/").filter((segment) => segment !== "");
  // Neither up, nor hidden, nor another system's separator.
  if (segments.some((segment) => segment.startsWith(".") || /[\\\0:]/.test(segment))) return undefined;
  return (
    (await file(root, join(root, ...segments))) ?? (await file(root, join(root, ...segments, "index.html")))
  );
}

async function file(root: string, path: string): Promise<File | undefined> {
  try {
    const real = await realpath(path);
    if (!real.startsWith((await realpath(root)) + sep)) return undefined;
    const found = await stat(real);
    return found.isFile() ? { path: real, size: found.size, modifiedMs: found.mtimeMs } : undefined;
  } catch {
    return undefined;
  }
}

async function send(context: Context, found: File): Promise<Response> {
  const extension = extname(found.path);
  const accepted = context.req.header("accept-encoding") ?? "";
  let body = found;
  let encoding: string | undefined;
  for (const [name, suffix] of ENCODINGS) {
    if (!new RegExp(`\\b${name}\\b(?!\\s*;\\s*q=0(?:\\.0*)?(?:,|$))`).test(accepted)) continue;
    const packed = await file(found.path.slice(0, found.path.lastIndexOf(sep)), found.path + suffix);
    // A copy older than its file was made from another one.
    if (packed === undefined || packed.modifiedMs < found.modifiedMs) continue;
    body = packed;
    encoding = name;
    break;
  }
  const tag = `"${body.size.toString(36)}-${Math.trunc(body.modifiedMs).toString(36)}${encoding ?? ""}"`;
  const headers = new Headers({
    "content-type": TYPES[extension] ?? "application/octet-stream",
    "cache-control": "no-cache",
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    vary: "accept-encoding",
    etag: tag,
  });
  if (encoding !== undefined) headers.set("content-encoding", encoding);
  if (context.req.header("if-none-match") === tag) return new Response(null, { status: 304, headers });
  headers.set("content-length", String(body.size));
  if (context.req.method === "HEAD") return new Response(null, { headers });
  const stream: ReadableStream<Uint8Array> = Readable.toWeb(createReadStream(body.path));
  return new Response(stream, { headers });
}
