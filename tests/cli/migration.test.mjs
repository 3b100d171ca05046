/** Migrations on the command line: planned, tried on files, suggested, in batches, and followed at a host. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fixture, senate, serve } from "./senate.mjs";

const RUN = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  required: ["name", "dose"],
  properties: { name: { type: "string" }, dose: { type: "string" }, arm: { enum: ["drug", "placebo"] } },
  additionalProperties: false,
};

const toNumber = {
  change_type: "modify_field",
  field_spec: { path: "/dose", schema: { type: "number" } },
};

const addHost = {
  change_type: "add_field",
  field_spec: { name: "host", schema: { type: "string" }, required: true, default: "it's; unknown" },
};

const lines = (stdout) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("migrations without a host", () => {
  let folder;
  const file = (name) => join(folder, name);
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "senate-migration-"));
    await writeFile(file("run.json"), JSON.stringify(RUN));
    await writeFile(file("change.json"), JSON.stringify(toNumber));
    await writeFile(file("good.json"), '{"name": "a", "dose": "1.50"}');
    await writeFile(file("bad.json"), '{"name": "b", "dose": "half a spoon"}');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test("a plan says what it does, what to look out for, and prints SQL that can be run", async () => {
    const { code, stdout } = await senate(["migration", "plan", file("run.json"), file("change.json")]);
    assert.equal(code, 0);
    const comments = stdout.split("\n").filter((line) => line.startsWith("-- "));
    assert.match(comments.join("\n"), /\/dose/);
    assert.match(comments.join("\n"), /data_dependent/);
    assert.match(stdout, /^UPDATE "artifacts"/m);
    const sqlite = await senate([
      "migration",
      "plan",
      file("run.json"),
      file("change.json"),
      "--dialect",
      "sqlite",
      "--table",
      'odd "name"',
      "--type",
      "run",
    ]);
    assert.match(sqlite.stdout, /UPDATE "odd ""name"""/);
    assert.match(sqlite.stdout, /json_set|json_replace/);
  });

  test("apply tries it on files and says which come out invalid", async () => {
    const args = ["migration", "apply", file("run.json"), file("change.json"), file("good.json")];
    const good = await senate([...args, "--json"]);
    assert.equal(good.code, 0, good.stderr);
    assert.deepEqual(good.json().files[0].artifact, { name: "a", dose: 1.5 });
    const both = await senate([...args, file("bad.json")]);
    assert.equal(both.code, 1);
    assert.match(both.stdout, /^valid .*good\.json/m);
    assert.match(both.stdout, /^invalid .*bad\.json/m);
    assert.match(both.stdout, /\/dose/);
  });

  test("suggest finds the transforms between two versions", async () => {
    const next = structuredClone(RUN);
    next.properties.dose = { type: "number" };
    delete next.properties.arm;
    next.properties.unit = { type: "string", default: "mg" };
    next.required.push("unit");
    await writeFile(file("next.json"), JSON.stringify(next));
    const { code, stdout } = await senate([
      "migration",
      "suggest",
      file("run.json"),
      file("next.json"),
      "--json",
    ]);
    assert.equal(code, 0, stdout);
    const ops = JSON.parse(stdout).transforms.map(({ op, path }) => `${op} ${path}`);
    assert.deepEqual(ops.sort(), ["add /unit", "convert /dose", "remove /arm"]);
  });

  test("batches answer each line in order, the wrong ones too", async () => {
    const input = [
      { id: 1, schema: RUN, ...addHost },
      { id: 2, schema: RUN, change_type: "remove_field", field_spec: { path: "/nothing" } },
      "{",
      { id: 4, schema: RUN, ...toNumber, table: "x\u0000y" },
    ].map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
    const { code, stdout } = await senate(["migration", "plan", "--batch"], { input: input.join("\n") });
    assert.equal(code, 0);
    const [first, second, third, fourth] = lines(stdout);
    assert.equal(first.id, 1);
    assert.deepEqual(first.next_schema.properties.host, { type: "string", default: "it's; unknown" });
    assert.deepEqual(first.transforms, [{ op: "add", path: "/host", value: "it's; unknown" }]);
    for (const dialect of ["postgresql", "sqlite"]) {
      assert.match(first.sql[dialect].up, /it''s; unknown/);
      assert.match(first.sql[dialect].down.trimEnd(), /;$/);
    }
    assert.equal(first.reversible, true);
    assert.equal(second.error.code, "field_does_not_exist");
    assert.match(third.error.code, /^json_/);
    assert.equal(fourth.error.code, "sql_null_character");
  });

  test("apply --batch gives the artifact after up and after down", async () => {
    const artifact = { name: "b", dose: "0.25" };
    const input = [
      { id: "a", schema: RUN, ...toNumber, artifact },
      { id: "b", schema: RUN, ...addHost, artifact },
    ];
    const { stdout } = await senate(["migration", "apply", "--batch"], {
      input: input.map((line) => JSON.stringify(line)).join("\n"),
    });
    assert.deepEqual(lines(stdout), [
      { id: "a", up: { name: "b", dose: 0.25 }, down: artifact },
      { id: "b", up: { ...artifact, host: "it's; unknown" }, down: artifact },
    ]);
  });

  test("what is not understood is a usage fault with what is meant", async () => {
    for (const [args, words] of [
      [["migration"], /needs an action/],
      [["migration", "aply"], /Did you mean `apply`/],
      [["migration", "show", "--batch"], /--batch/],
      [["migration", "plan", "--batch", "--down"], /standard\s+input\s+only/],
      [["migration", "apply", "a.json"], /at least one ARTIFACT/],
      [["migration", "abandon", "01JD0000000000000000000000", "--as", "ana"], /Why is it given up/],
    ]) {
      const { code, stderr } = await senate(args);
      assert.equal(code, 2, args.join(" "));
      assert.match(stderr, words);
    }
  });

  test("the report of a history names verdict and migration of each step", async () => {
    const { code, stdout } = await senate([
      "import",
      "--type",
      "run",
      file("run.json"),
      file("next.json"),
      "--report",
    ]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /Version 1 → 2/);
    assert.match(stdout, /breaking/);
    assert.match(stdout, /\/unit/);
  });
});

describe("migrations at a host", () => {
  let host;
  const run = (args, options = {}) =>
    senate(args, { ...options, env: { SENATE_HOST: host.url, ...options.env } });
  before(async () => {
    host = await serve([
      "--memory",
      "--development",
      "--member",
      "ana",
      "--member",
      "ben",
      "--member",
      "eva",
    ]);
    const imported = await run(["import", "--type", "run", fixture("run-1.schema.json"), "--as", "ana"]);
    assert.equal(imported.code, 0, imported.stderr);
  });
  after(() => host?.stop());

  test("a proposal is rehearsed, shown, voted on, applied and followed", async () => {
    const draft = await readFile(fixture("add-host.draft.json"), "utf8");
    const proposed = await run(["propose", "-", "--as", "ana", "--json"], { input: draft });
    const { id } = proposed.json();
    const rehearsed = await run(["migration", "rehearse", id, "--json"]);
    assert.equal(rehearsed.code, 0, rehearsed.stdout + rehearsed.stderr);
    assert.equal(rehearsed.json().passed, true);
    const shown = await run(["migration", "show", id]);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /The rehearsal passed/);
    await run(["open", id, "--as", "ana"]);
    for (const voter of ["ana", "ben", "eva"]) await run(["vote", id, "yes", "--as", voter]);
    const watched = await run(["migration", "watch", id, "--json"]);
    assert.equal(watched.code, 0, watched.stdout + watched.stderr);
    assert.equal(lines(watched.stdout).at(-1).phase, "done");
  });

  test("compliance counts, and a version that is current is not retired", async () => {
    const { code, stdout } = await run(["compliance", "run", "--json"]);
    assert.equal(code, 0, stdout);
    assert.equal(JSON.parse(stdout).invalid, 0);
    const refused = await run(["retire", "run", "2", "--as", "ana", "--json"]);
    assert.equal(refused.code, 1);
    assert.equal(refused.json().problem.code, "version_is_current");
    const retired = await run(["retire", "run", "1", "--as", "ana"]);
    assert.equal(retired.code, 0, retired.stderr);
  });
});
