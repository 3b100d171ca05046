// Every version of an artifact is kept, as it was written.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { canonicalize } from "schema-senate";
import { openStore } from "schema-senate-host";
import { noPostgres, startPostgres } from "./postgres.mjs";
import { addField, NOTE, startHost, storeKinds } from "./stage.mjs";

const hashOf = (text) => canonicalize(text).digest;

const put = (senate, id, body, headers) => senate.call("PUT", `/api/artifacts/${id}`, body, headers);

/** Everybody agrees to a field with a default, which a migration writes into what is stored. */
async function migrated(senate) {
  const { id, vote } = await senate.send("/api/senate/schema-proposal", {
    proposer_id: "ana",
    ...addField(
      { name: "checked", schema: { enum: ["yes", "no"] }, default: "no" },
      { migration_plan: { sql: "UPDATE artifacts …", backfill: "Notes that stand get no." } },
    ),
    open_voting: true,
  });
  let last;
  for (const voter of ["ana", "ben", "cho"]) last = await senate.vote(id, voter, "yes", vote.subject);
  assert.equal(last.body.status, "active", last.text);
  return id;
}

for (const { kind, skip, open, close } of storeKinds()) {
  describe(`versions on ${kind}`, { skip }, () => {
    let senate;
    before(async () => {
      senate = await startHost(await open());
      await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
    });
    after(async () => {
      await senate.close();
      await close();
    });

    test("the text stays as it was written, and its hash is the core's", async () => {
      const metadata = '{ "stars": 5.0,\n "text": "caf\\u00e9" }';
      const made = await senate.post(
        "/api/artifacts",
        `{"id":"n1","artifact_type":"note","created_by":"ana","changelog":"First","metadata":${metadata}}`,
      );
      assert.equal(made.status, 201, made.text);
      assert.equal(made.headers.get("etag"), '"1"');
      assert.equal(made.body.version_number, 1);
      assert.equal(made.body.content_hash, hashOf(metadata));
      assert.deepEqual([made.body.upcast, made.body.stored_schema_version, made.body.pins], [false, 1, []]);
      for (const path of ["/api/artifacts/n1", "/api/artifacts/n1/versions/1", "/api/artifacts"]) {
        const answer = await senate.get(path);
        assert.ok(answer.text.includes(`"metadata":${metadata}`), `${path}: ${answer.text}`);
      }
      const { body: version } = await senate.get("/api/artifacts/n1/versions/1");
      assert.deepEqual(
        [version.parent_version, version.changelog, version.created_by, version.content_hash],
        [null, "First", "ana", hashOf(metadata)],
      );
    });

    test("a write makes the next version and leaves the one before alone", async () => {
      const before = await senate.read("/api/artifacts/n1/versions/1");
      const written = await put(
        senate,
        "n1",
        { metadata: { text: "second" }, created_by: "ben", changelog: "Said better", title: "Two" },
        { "if-match": '"1"' },
      );
      assert.equal(written.status, 200, written.text);
      assert.equal(written.headers.get("etag"), '"2"');
      assert.deepEqual(
        [written.body.version_number, written.body.title, written.body.created_by, written.body.metadata],
        [2, "Two", "ana", { text: "second" }],
      );
      assert.deepEqual(await senate.read("/api/artifacts/n1/versions/1"), before);
      const { versions } = await senate.read("/api/artifacts/n1/versions");
      assert.deepEqual(
        versions.map((one) => [one.version_number, one.parent_version, one.created_by, one.changelog]),
        [
          [2, 1, "ben", "Said better"],
          [1, null, "ana", "First"],
        ],
      );
      const kept = await put(senate, "n1", { metadata: { text: "third" }, base_version: 2 });
      assert.deepEqual([kept.body.version_number, kept.body.title], [3, "Two"], "the title stays");
      const page = await senate.read("/api/artifacts/n1/versions?limit=2");
      assert.equal(page.next_before, 2);
      const rest = await senate.read(`/api/artifacts/n1/versions?limit=2&before=${page.next_before}`);
      assert.deepEqual(
        rest.versions.map((one) => one.version_number),
        [1],
      );
      assert.ok(!("next_before" in rest));
    });

    test("of several who build on one version exactly one is first", async () => {
      await senate.send("/api/artifacts", { id: "race", artifact_type: "note", metadata: { text: "0" } });
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          put(senate, "race", { metadata: { text: `by ${index}` }, base_version: 1 }),
        ),
      );
      const won = answers.filter((answer) => answer.status === 200);
      assert.equal(won.length, 1, answers.map((answer) => answer.text).join("\n"));
      for (const answer of answers.filter((one) => one !== won[0])) {
        assert.deepEqual([answer.status, answer.body.code], [409, "artifact_moved_on"], answer.text);
      }
      const { versions } = await senate.read("/api/artifacts/race/versions");
      assert.equal(versions.length, 2);
      assert.deepEqual((await senate.read("/api/artifacts/race")).metadata, won[0].body.metadata);
    });

    test("a migration makes versions too, and the old ones stay", async () => {
      await senate.send("/api/artifacts", {
        id: "kept",
        artifact_type: "note",
        metadata: { text: "as it was" },
      });
      const old = await senate.read("/api/artifacts/kept/versions/1");
      const proposal = await migrated(senate);
      const now = await senate.read("/api/artifacts/kept");
      assert.deepEqual(
        [now.version_number, now.schema_version, now.metadata],
        [2, 2, { text: "as it was", checked: "no" }],
      );
      assert.equal(now.content_hash, hashOf(JSON.stringify(now.metadata)));
      const { versions } = await senate.read("/api/artifacts/kept/versions");
      assert.deepEqual(
        versions.map((one) => [one.version_number, one.schema_version, one.changelog, one.proposal_id]),
        [
          [2, 2, "migration note@1->2", proposal],
          [1, 1, null, null],
        ],
      );
      assert.equal(versions[0].content_hash, now.content_hash);
      assert.deepEqual(await senate.read("/api/artifacts/kept/versions/1"), old);
      const pinning = await senate.post("/api/artifacts", {
        artifact_type: "note",
        metadata: { text: "It builds on the old one." },
        pins: [{ artifact_id: "kept", version_number: 1, content_hash: old.content_hash }],
      });
      assert.equal(pinning.status, 201, pinning.text);
      const { counts } = await senate.read(`/api/artifacts/${pinning.body.id}/pins`);
      assert.deepEqual(counts, { ok: 1, missing: 0, modified: 0 });
    });
  });
}

describe("what a write must say", () => {
  let senate;
  before(async () => {
    senate = await startHost("memory:");
    await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
    await senate.send("/api/artifacts", { id: "n1", artifact_type: "note", metadata: { text: "one" } });
  });
  after(() => senate.close());

  const refused = async (answer, status, code) => {
    const { body, status: given, text } = await answer;
    assert.deepEqual([given, body.code], [status, code], text);
    return body;
  };

  test("without the version it builds on nothing is written", async () => {
    await refused(put(senate, "n1", { metadata: { text: "x" } }), 428, "base_version_missing");
    await refused(put(senate, "n1", { metadata: { text: "x" }, base_version: 2 }), 409, "artifact_moved_on");
    const late = await put(senate, "n1", { metadata: { text: "x" } }, { "if-match": '"7"' });
    assert.deepEqual([late.status, late.body.code], [412, "artifact_moved_on"]);
    for (const match of ["*", "1", 'W/"1"', '"0"', '"1", "2"', '"x"']) {
      await refused(put(senate, "n1", { metadata: {} }, { "if-match": match }), 400, "header_invalid");
    }
    await refused(
      put(senate, "n1", { metadata: {}, base_version: 1 }, { "if-match": '"2"' }),
      400,
      "header_invalid",
    );
    await refused(put(senate, "nobody", { metadata: {}, base_version: 1 }), 404, "artifact_unknown");
    assert.equal((await senate.read("/api/artifacts/n1")).version_number, 1);
  });

  test("what is not valid is not written", async () => {
    const body = await refused(
      put(senate, "n1", { metadata: { text: "" }, base_version: 1 }),
      422,
      "schema_min_length",
    );
    assert.equal(body.problems[0].pointer, "/metadata/text");
    await refused(put(senate, "n1", { metadata: [], base_version: 1 }), 422, "schema_type");
    const nul = '{"base_version":1,"metadata":{"text":"a\\u0000"}}';
    await refused(put(senate, "n1", nul), 422, "artifact_not_storable");
    const big = '{"base_version":1,"metadata":{"text":"a","stars":9007199254740993}}';
    await refused(put(senate, "n1", big), 422, "json_unsafe_integer");
    assert.equal((await senate.read("/api/artifacts/n1/versions")).versions.length, 1);
  });

  test("versions and artifacts that are not there", async () => {
    await refused(senate.get("/api/artifacts/nobody"), 404, "artifact_unknown");
    await refused(senate.get("/api/artifacts/nobody/versions"), 404, "artifact_unknown");
    await refused(senate.get("/api/artifacts/nobody/versions/1"), 404, "artifact_unknown");
    await refused(senate.get("/api/artifacts/n1/versions/2"), 404, "artifact_version_unknown");
    await refused(senate.get("/api/artifacts/n1/versions/0"), 404, "path_invalid");
    await refused(senate.get("/api/artifacts/n1?schema_version=2"), 404, "schema_version_unknown");
    await refused(senate.get("/api/artifacts/n1?schema_version=newest"), 400, "query_invalid");
  });

  test("an artifact reads as it is stored under its own version", async () => {
    for (const asked of ["latest", "stored", "1"]) {
      const read = await senate.read(`/api/artifacts/n1?schema_version=${asked}`);
      assert.deepEqual([read.schema_version, read.stored_schema_version, read.upcast], [1, 1, false]);
    }
  });

  test("a type that has no schema: stored where the mode allows, read as it is", async () => {
    await refused(
      senate.post("/api/artifacts", { artifact_type: "loose", metadata: {} }),
      422,
      "artifact_type_unknown",
    );
    for (const mode of ["warn", "skip"]) {
      const made = await senate.send(`/api/artifacts?mode=${mode}`, {
        id: `loose-${mode}`,
        artifact_type: "loose",
        metadata: { any: "thing" },
      });
      assert.equal(made.schema_version, null);
      assert.equal(made.warnings[0].code, "artifact_type_unknown");
      const read = await senate.read(`/api/artifacts/loose-${mode}`);
      assert.deepEqual([read.schema_version, read.upcast], [null, false]);
      await refused(
        senate.get(`/api/artifacts/loose-${mode}?schema_version=1`),
        404,
        "artifact_type_unknown",
      );
    }
    await senate.send("/api/schemas/loose", { versions: [{ schema: {} }], by: "ana" });
    assert.equal((await senate.read("/api/artifacts/loose-warn")).schema_version, null);
    await refused(senate.get("/api/artifacts/loose-warn?schema_version=1"), 422, "artifact_without_schema");
    const written = await put(senate, "loose-warn", { metadata: {}, base_version: 1 });
    assert.equal(written.body.schema_version, 1);
  });
});

describe("a database from before versions were kept", { skip: noPostgres }, () => {
  let server;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  test("what is stored becomes the first version that is known", async () => {
    const url = await server.database();
    const folder = new URL("../../pkg/host/sql/", import.meta.url);
    const names = (await readdir(folder)).sort().filter((name) => name < "0004");
    await server.rows(
      url,
      `CREATE TABLE host_migrations (number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
       applied_at timestamptz NOT NULL DEFAULT now())`,
    );
    for (const name of names) {
      const text = await readFile(new URL(name, folder), "utf8");
      await server.rows(url, text);
      const checksum = createHash("sha256").update(text).digest("hex");
      await server.rows(
        url,
        `INSERT INTO host_migrations (number, name, checksum) VALUES (${Number(name.slice(0, 4))}, '${name}', '${checksum}')`,
      );
    }
    const hash = hashOf('{"text":"old"}');
    await server.rows(
      url,
      `INSERT INTO artifacts (id, artifact_type, metadata, schema_version, content_hash, created_by, created_at, updated_at)
       VALUES ('old', 'note', '{"text": "old"}', 1, '${hash}', 'ana', to_timestamp(5), to_timestamp(6))`,
    );
    const store = await openStore(url);
    try {
      const row = await store.artifact("old");
      assert.deepEqual([row.version_number, row.pins, JSON.parse(row.metadata)], [1, null, { text: "old" }]);
      const version = await store.transaction((tx) => tx.artifactVersion("old", 1));
      assert.deepEqual(
        [version.content_hash, version.parent_version, version.created_by, version.created_ms],
        [hash, null, "ana", 6_000],
      );
      assert.equal(hashOf(version.metadata), hash);
    } finally {
      await store.close();
    }
  });
});
