/** `senate serve`: what it founds, where it stores, how it refuses, how it stops. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fixture, nowhere, senate, serve, start } from "./senate.mjs";

const three = ["--memory", "--development", "--member", "ana", "--member", "ben", "--member", "eva"];

test("people are told the address, the data and what is in it; a signal stops it", async () => {
  const child = start([
    "serve",
    "--memory",
    "--port",
    "0",
    "--development",
    "--member",
    "ana",
    "--member",
    "ben",
    "--member",
    "eva",
  ]);
  let stdout = "";
  for await (const chunk of child.stdout) {
    stdout += chunk;
    if (stdout.includes("Ctrl-C")) break;
  }
  assert.match(stdout, /^The senate is at http:\/\/127\.0\.0\.1:\d+\n/);
  assert.match(stdout, /data +memory/);
  assert.match(stdout, /members +ana, ben, eva/);
  assert.match(stdout, /log key +ed25519:/);
  assert.match(stdout, /signing +development mode/);
  assert.match(stdout, /no artifact types yet/);
  child.kill("SIGINT");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("--example founds a senate with types and members to look at", async () => {
  const host = await serve(["--memory", "--example"]);
  try {
    assert.ok(host.started.senate.artifact_types >= 5);
    assert.ok(host.started.senate.members.length >= 3);
    const types = (await senate(["show", "types", "--host", host.url, "--json"])).json();
    assert.ok(types.types.some(({ artifact_type }) => artifact_type === "experiment"));
  } finally {
    assert.equal(await host.stop(), 0);
  }
});

test("no senate and none to found is a usage error that says how", async () => {
  const { code, stderr } = await senate(["serve", "--memory", "--port", "0"]);
  assert.equal(code, 2);
  assert.match(stderr, /no senate in memory yet/);
  assert.match(stderr, /--example/);
});

test("a port that is taken", async () => {
  const host = await serve([...three]);
  try {
    const { port } = new URL(host.url);
    const { code, stderr } = await senate(["serve", "--memory", "--example", "--port", port]);
    assert.equal(code, 3);
    assert.match(stderr, new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is in use`));
    assert.match(stderr, /--port/);
  } finally {
    await host.stop();
  }
});

test("a policy at the founding, and one that is refused", async () => {
  const members = three;
  const host = await serve([...members, "--policy", fixture("policy.json")]);
  try {
    assert.equal(host.started.senate.policy.ballot_mode, "replaceable");
  } finally {
    await host.stop();
  }
  const refused = await senate(["serve", ...members, "--port", "0", "--policy", fixture("bad-policy.json")]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /cannot be founded/);
});

test("a page of one's own is served, and a folder that is not there is named", async () => {
  const host = await serve([...three, "--static", fixture("page")]);
  try {
    const response = await fetch(host.url);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /A page for the tests/);
  } finally {
    await host.stop();
  }
  const { code, stderr } = await senate([
    "serve",
    "--memory",
    "--example",
    "--static",
    fixture("no-such-folder"),
  ]);
  assert.equal(code, 3);
  assert.match(stderr, /There is no folder/);
});

test("data that cannot be opened: a file where a folder should be, a server that is not there", async () => {
  const file = await senate(["serve", "--example", "--port", "0", "--data", fixture("policy.json")]);
  assert.equal(file.code, 3);
  assert.match(file.stderr, /policy\.json cannot /);
  assert.doesNotMatch(file.stderr, /\n\s+at /);
  const port = new URL(await nowhere()).port;
  const env = { DATABASE_URL: `postgres://ana:s3cret@127.0.0.1:${port}/senate` };
  const server = await senate(["serve", "--example", "--port", "0"], { env });
  assert.equal(server.code, 3);
  assert.match(server.stderr, /cannot be reached/);
  assert.ok(!server.stderr.includes("s3cret"));
  const both = await senate(["serve", "--data", "a", "--database-url", "postgres://127.0.0.1/b"]);
  assert.equal(both.code, 2);
});

test(
  "a data folder keeps the senate, and belongs to one process at a time",
  { timeout: 180_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "senate-serve-"));
    const data = ["--data", join(folder, "data")];
    try {
      const first = await serve([...data, ...three.slice(1)]);
      const imported = await senate([
        "import",
        "--type",
        "run",
        fixture("run-1.schema.json"),
        "--as",
        "ana",
        "--host",
        first.url,
      ]);
      assert.equal(imported.code, 0, imported.stderr);
      const { code, stderr } = await senate(["serve", ...data, "--port", "0"]);
      assert.equal(code, 3);
      assert.match(stderr.replace(/\s+/g, " "), new RegExp(`already open in process ${first.child.pid}`));
      assert.equal(await first.stop(), 0);

      const second = await serve([...data, "--development"]);
      const types = (await senate(["show", "types", "--host", second.url, "--json"])).json();
      assert.deepEqual(
        types.types.map(({ artifact_type }) => artifact_type),
        ["run"],
      );
      assert.equal(await second.stop(), 0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
