/** The installed package in a real Chromium under a strict content security policy, without a bundler. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { project } from "./project.mjs";

const { CHROMIUM } = process.env;
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

const files = {
  "index.html":
    '<!doctype html><meta charset="utf-8"><title>user</title><script type="module" src="page.js"></script>',
  "page.js": `
    import { canonicalize, init, MisuseError, newId, Schema, tally } from "./node_modules/schema-senate/web.js";
    const said = {};
    try { canonicalize("1"); } catch (error) { said.before = error.code; }
    await Promise.all([init(), init()]);
    said.canonical = canonicalize('{"b":1.0,"a":"\\u20ac"}').canonical;
    said.lone = canonicalize('["\\ud800"]').problem.code;
    const { schema } = Schema.compile({ type: "object", required: ["a"] });
    said.code = schema.validate("{}").errors[0].code;
    said.ids = newId({ nowMs: 1 }) !== newId({ nowMs: 1 });
    said.needed = tally({ track: "additive", members: 6, yes: 1, no: 0, abstain: 0 }).tally.needed;
    // From the end of the stack: whatever happens there, the next call works.
    const nested = "[".repeat(100) + "]".repeat(100);
    const list = Schema.compile({ items: { $ref: "#" } }).schema;
    said.faults = 0;
    const dive = () => {
      try {
        dive();
      } catch (error) {
        try {
          list.validate(nested);
          return;
        } catch (inner) {
          if (inner instanceof MisuseError && inner.code === "core_fault") said.faults += 1;
        }
        throw error;
      }
    };
    dive();
    said.after = [list.isValid(nested), schema.isValid('{"a":1}')];
    globalThis.said = said;`,
};

test("a page", { skip: CHROMIUM === undefined && "CHROMIUM names no browser" }, async (t) => {
  const path = await project(t, { workspaces: ["pkg/core"], files });
  const asked = [];
  const server = createServer(async (request, response) => {
    const name = request.url === "/" ? "/index.html" : request.url;
    asked.push(name);
    const body = await readFile(join(path, name)).catch(() => undefined);
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": TYPES[extname(name)] ?? "text/plain",
      "content-security-policy": POLICY,
    });
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());

  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args });
  t.after(() => browser.close());
  const page = await browser.newPage();
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const said = await page
    .waitForFunction(() => globalThis.said, undefined, { timeout: 60_000 })
    .then((handle) => handle.jsonValue())
    .catch((error) => assert.fail(`${error.message}\n${complaints.join("\n")}`));
  const { faults, ...rest } = said;
  assert.deepEqual(rest, {
    before: "not_initialised",
    canonical: '{"a":"€","b":1}',
    lone: "json_lone_surrogate",
    code: "schema_required",
    ids: true,
    needed: 3,
    after: [true, true],
  });
  assert.ok(faults >= 0);
  assert.equal(asked.filter((name) => name.endsWith(".wasm")).length, 1, "fetched once");
  assert.deepEqual(
    complaints.filter((text) => !text.includes("favicon")),
    [],
  );
});
