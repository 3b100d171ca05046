// The server: the page's files and their headers, stopping, the example senate.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { createHost, openStore, seedExample, serve } from "schema-senate-host";
import { quietLogger, startHost, temporaryFolder } from "./stage.mjs";

/** A request as it stands: fetch would tidy the path and unpack the body. */
function raw(url, path, headers = {}, method = "GET") {
  return new Promise((resolve, reject) => {
    const { port } = new URL(url);
    const sent = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** Resolves when nothing takes connections on the port any more. */
async function refused(port) {
  for (;;) {
    const open = await new Promise((resolve) => {
      const socket = connect({ host: "127.0.0.1", port });
      socket.once("error", () => resolve(false));
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
    });
    if (!open) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("the page's files", () => {
  let folder;
  let senate;
  const script = "export const answer = 42;\n".repeat(100);
  before(async () => {
    const outer = await temporaryFolder();
    folder = outer;
    const root = join(outer, "dist");
    await mkdir(join(root, "assets"), { recursive: true });
    await writeFile(join(outer, "secret.txt"), "secret");
    await writeFile(join(root, "index.html"), "<!doctype html><title>Senate</title>");
    await writeFile(join(root, "assets/app.js"), script);
    await writeFile(join(root, "assets/app.js.br"), brotliCompressSync(script));
    await writeFile(join(root, "assets/app.js.gz"), gzipSync(script));
    await writeFile(join(root, "assets/core.wasm"), Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    await writeFile(join(root, "assets/old.css"), "body {}");
    await writeFile(join(root, "assets/old.css.gz"), gzipSync("body { color: red }"));
    await utimes(join(root, "assets/old.css.gz"), new Date(0), new Date(0));
    await writeFile(join(root, ".hidden"), "hidden");
    await symlink(join(outer, "secret.txt"), join(root, "link.txt"));
    senate = await startHost("memory:", { serveOptions: { static: root } });
  });
  after(async () => {
    await senate.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("come with their types and a strict policy", async () => {
    for (const [path, type] of [
      ["/", "text/html; charset=utf-8"],
      ["/index.html", "text/html; charset=utf-8"],
      ["/assets/app.js", "text/javascript; charset=utf-8"],
      ["/assets/core.wasm", "application/wasm"],
    ]) {
      const answer = await raw(senate.url, path);
      assert.equal(answer.status, 200, path);
      assert.equal(answer.headers["content-type"], type, path);
      const policy = answer.headers["content-security-policy"];
      assert.match(policy, /(?:^|; )script-src 'self' 'wasm-unsafe-eval'(?:;|$)/);
      assert.match(policy, /default-src 'none'/);
      assert.equal(answer.headers["x-content-type-options"], "nosniff");
    }
  });

  test("a place in the page that is no file gets the page; a missing file does not", async () => {
    assert.match((await raw(senate.url, "/proposals/01ABC")).body.toString(), /<title>Senate/);
    assert.equal((await raw(senate.url, "/assets/none.js")).status, 404);
    assert.equal((await raw(senate.url, "/api/none")).status, 404);
  });

  test("compressed copies are sent to who takes them, unless they are older than the file", async () => {
    const br = await raw(senate.url, "/assets/app.js", { "accept-encoding": "gzip, deflate, br" });
    assert.equal(br.headers["content-encoding"], "br");
    assert.deepEqual(br.body, brotliCompressSync(script));
    assert.equal(br.headers["content-type"], "text/javascript; charset=utf-8");
    const gz = await raw(senate.url, "/assets/app.js", { "accept-encoding": "br;q=0, gzip" });
    assert.equal(gz.headers["content-encoding"], "gzip");
    const plain = await raw(senate.url, "/assets/app.js");
    assert.equal(plain.headers["content-encoding"], undefined);
    assert.equal(plain.body.toString(), script);
    const old = await raw(senate.url, "/assets/old.css", { "accept-encoding": "gzip" });
    assert.equal(old.body.toString(), "body {}");
  });

  test("are sent again only when they have changed; HEAD sends none", async () => {
    const first = await raw(senate.url, "/assets/app.js");
    const second = await raw(senate.url, "/assets/app.js", { "if-none-match": first.headers.etag });
    assert.equal(second.status, 304);
    assert.equal(second.body.length, 0);
    const head = await raw(senate.url, "/assets/app.js", {}, "HEAD");
    assert.equal(head.status, 200);
    assert.equal(head.headers["content-length"], String(script.length));
    assert.equal(head.body.length, 0);
  });

  test("nothing outside the folder, nothing hidden", async () => {
    for (const path of [
      "/../secret.txt",
      "/assets/../../secret.txt",
      "/%2e%2e/secret.txt",
      "/..%2fsecret.txt",
      "/assets/..%5c..%5csecret.txt",
      "/.hidden",
      "/link.txt",
      "/%00",
      "/%",
    ]) {
      const answer = await raw(senate.url, path);
      assert.ok(
        !answer.body.toString().includes("secret") || answer.status === 404,
        `${path}: ${answer.status}`,
      );
      assert.ok(!answer.body.toString().includes("hidden") || answer.status === 404, path);
      if (!/^\/%/.test(path)) assert.equal(answer.status, 404, path);
    }
  });
});

describe("stopping", () => {
  test("SIGTERM: an answer under way is finished, then the process ends with 0 and the folder is free", async () => {
    const folder = await temporaryFolder();
    const program = fileURLToPath(new URL("serve-process.mjs", import.meta.url));
    try {
      const child = spawn(process.execPath, [...process.execArgv, program, folder], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
      const url = await new Promise((resolve) => createInterface(child.stdout).once("line", resolve));
      const { port } = new URL(url);
      const body = JSON.stringify({ artifact_type: "wiki", metadata: { slug: "a", body: "b" } });
      const underWay = request({
        host: "127.0.0.1",
        port,
        path: "/api/artifacts",
        method: "POST",
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          expect: "100-continue",
        },
      });
      const answered = new Promise((resolve, reject) => {
        underWay.once("error", reject);
        underWay.once("response", (response) => resolve(response.resume().statusCode));
      });
      // Whoever is told to continue has been taken in.
      const takenIn = new Promise((resolve) => underWay.once("continue", resolve));
      underWay.flushHeaders();
      await takenIn;
      child.kill("SIGTERM");
      await refused(port);
      underWay.end(body);
      assert.equal(await answered, 201);
      assert.deepEqual(await ended, { code: 0, signal: null });
      const store = await openStore(folder);
      const stored = (await store.artifactCounts()).find((one) => one.artifact_type === "wiki").count;
      assert.equal(stored, 2, "the example's own and this one");
      await store.close();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("a port that is taken is an error, and the host can be served elsewhere", async () => {
    const senate = await startHost("memory:");
    const host = await createHost({
      store: await openStore("memory:"),
      logger: quietLogger(),
      settleEveryMs: 0,
    });
    await assert.rejects(serve(host, { port: senate.server.port }), { code: "EADDRINUSE" });
    const server = await serve(host, { port: 0 });
    assert.equal((await fetch(`${server.url}/health`)).status, 200);
    await server.close();
    await server.close();
    await senate.close();
    await assert.rejects(fetch(`${server.url}/health`));
  });
});

describe("the example senate", () => {
  let senate;
  before(async () => {
    senate = await startHost("memory:", { found: false });
    assert.equal(await seedExample(senate.host), true);
  });
  after(() => senate.close());

  test("is seeded once", async () => {
    const before = await senate.host.seq();
    assert.equal(await seedExample(senate.host), false);
    assert.equal(await senate.host.seq(), before);
  });

  test("has artifact types with descriptions, experiment with three versions that break nobody", async () => {
    const { types, unregistered } = await senate.read("/api/schemas");
    assert.ok(types.length >= 12, `${types.length} types`);
    assert.deepEqual(unregistered, []);
    for (const type of types) assert.ok(type.title && type.description, type.artifact_type);
    const experiment = await senate.read("/api/schemas/experiment");
    assert.equal(experiment.history.length, 3);
    for (const version of experiment.history.slice(1)) assert.ok(version.differences.length > 0);
  });

  test("has artifacts of most types, all of them valid", async () => {
    const { artifacts } = await senate.read("/api/artifacts?limit=200");
    assert.ok(artifacts.length >= 12);
    for (const type of new Set(artifacts.map((artifact) => artifact.artifact_type))) {
      const audit = await senate.read(`/api/schemas/${type}/compliance`);
      assert.equal(audit.invalid, 0, type);
    }
  });

  test("has a vote on blinding that two more ballots approve, a rejected proposal with reasons, and a breaking draft", async () => {
    const { proposals } = await senate.read("/api/senate/schema-proposals");
    assert.deepEqual(proposals.map((one) => one.status).sort(), ["rejected", "review", "voting"]);
    const [rejected] = proposals.filter((one) => one.status === "rejected");
    const { vote: past } = await senate.read(`/api/senate/schema-proposal/${rejected.id}`);
    assert.equal(
      past.ballots.filter((ballot) => ballot.choice === "no" && ballot.reason.length > 20).length,
      2,
    );
    const [breaking] = proposals.filter((one) => one.status === "review");
    assert.equal(breaking.track, "breaking");

    const [{ id, tally }] = proposals.filter((one) => one.status === "voting");
    assert.equal(tally.needed, 2);
    const { vote } = await senate.read(`/api/senate/schema-proposal/${id}`);
    await senate.vote(id, "agent:skeptic", "yes", vote.subject);
    const last = await senate.vote(id, "agent:curator", "yes", vote.subject);
    assert.equal(last.body.status, "active");
    const artifact = await senate.read("/api/artifacts/exp-trem2-plaques");
    assert.equal(artifact.metadata.design.blinding, "not_reported");
  });
});
