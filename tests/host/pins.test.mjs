// An artifact names the exact versions that it builds on, and whether they are still what they were.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { canonicalize } from "schema-senate";
import { openStore } from "schema-senate-host";
import { noPostgres, startPostgres } from "./postgres.mjs";
import { NOTE, startHost } from "./stage.mjs";

const NO_ONE = `sha256:${"0".repeat(64)}`;

async function withNotes(location) {
  const senate = await startHost(location);
  await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
  for (const id of ["one", "two"])
    await senate.send("/api/artifacts", { id, artifact_type: "note", metadata: { text: id } });
  return senate;
}

describe("pins", () => {
  let senate;
  const pinOf = async (id, version_number = 1) => ({
    artifact_id: id,
    version_number,
    content_hash: (await senate.read(`/api/artifacts/${id}/versions/${version_number}`)).content_hash,
  });
  const register = (pins, more = {}) =>
    senate.post("/api/artifacts", { artifact_type: "note", metadata: { text: "built" }, pins, ...more });
  before(async () => {
    senate = await withNotes("memory:");
  });
  after(() => senate.close());

  test("what is pinned is there with that content, and is given back", async () => {
    const pins = [await pinOf("one"), await pinOf("two")];
    const { status, body, text } = await register(pins, { id: "built" });
    assert.equal(status, 201, text);
    assert.deepEqual(body.pins, pins);
    assert.deepEqual((await senate.read("/api/artifacts/built")).pins, pins);
    assert.deepEqual((await senate.read("/api/artifacts/built/versions/1")).pins, pins);
    assert.deepEqual(await senate.read("/api/artifacts/built/pins"), {
      artifact_id: "built",
      version_number: 1,
      counts: { ok: 2, missing: 0, modified: 0 },
      pins: pins.map((pin) => ({ ...pin, state: "ok", current_hash: pin.content_hash })),
    });
    assert.equal(pins[0].content_hash, canonicalize('{"text":"one"}').digest);
  });

  test("each pin is verified, and nothing is stored with a wrong one", async () => {
    const wrong = [
      await pinOf("one"),
      { ...(await pinOf("one")), version_number: 9 },
      { ...(await pinOf("two")), artifact_id: "nobody" },
      { ...(await pinOf("two")), content_hash: NO_ONE },
    ];
    const { status, body } = await register(wrong, { id: "wrong" });
    assert.equal(status, 422);
    assert.deepEqual(
      body.problems.map(({ code, pointer }) => [code, pointer]),
      [
        ["pin_unknown", "/pins/1"],
        ["pin_unknown", "/pins/2"],
        ["pin_modified", "/pins/3/content_hash"],
      ],
    );
    assert.ok(body.problems[2].message.includes(NO_ONE));
    assert.equal((await senate.get("/api/artifacts/wrong")).status, 404);
  });

  test("pins that say too little, or the same twice, are refused", async () => {
    const pin = await pinOf("one");
    for (const pins of [
      [{ artifact_id: "one", version_number: 1 }],
      [{ ...pin, colour: "red" }],
      [{ ...pin, version_number: 0 }],
      [{ ...pin, content_hash: pin.content_hash.slice(7) }],
      [pin, pin],
      {},
    ]) {
      assert.equal((await register(pins)).status, 422, JSON.stringify(pins));
    }
  });

  test("a next version keeps the pins unless it brings its own; the old ones stay with the old version", async () => {
    const first = [await pinOf("one")];
    await register(first, { id: "moving" });
    const put = (body) => senate.call("PUT", "/api/artifacts/moving", { metadata: { text: "x" }, ...body });
    assert.deepEqual((await put({ base_version: 1 })).body.pins, first);
    const self = [await pinOf("moving")];
    assert.deepEqual((await put({ base_version: 2, pins: self })).body.pins, self, "also on an earlier self");
    assert.deepEqual((await put({ base_version: 3, pins: [] })).body.pins, []);
    const refused = await put({ base_version: 4, pins: [{ ...self[0], version_number: 5 }] });
    assert.deepEqual([refused.status, refused.body.code], [422, "pin_unknown"]);
    assert.equal((await senate.read("/api/artifacts/moving")).version_number, 4);
    const at = async (version) =>
      (await senate.read(`/api/artifacts/moving/pins?version=${version}`)).pins.map((one) => one.artifact_id);
    assert.deepEqual([await at(1), await at(3), await at(4)], [["one"], ["moving"], []]);
    const unknown = await senate.get("/api/artifacts/moving/pins?version=9");
    assert.deepEqual([unknown.status, unknown.body.code], [404, "artifact_version_unknown"]);
  });

  test("what is pinned may move on: the pinned version is still there", async () => {
    const pins = [await pinOf("two")];
    await register(pins, { id: "faithful" });
    await senate.call("PUT", "/api/artifacts/two", { metadata: { text: "two and a half" }, base_version: 1 });
    assert.deepEqual((await senate.read("/api/artifacts/faithful/pins")).counts, {
      ok: 1,
      missing: 0,
      modified: 0,
    });
    const stale = await register([{ ...pins[0], version_number: 2 }]);
    assert.equal(stale.body.code, "pin_modified");
  });
});

describe("pins on a database that somebody has changed", { skip: noPostgres }, () => {
  let server;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  test("a changed and a removed version are found out", async () => {
    const url = await server.database();
    const senate = await withNotes(await openStore(url));
    try {
      const pins = await Promise.all(
        ["one", "two"].map(async (artifact_id) => ({
          artifact_id,
          version_number: 1,
          content_hash: (await senate.read(`/api/artifacts/${artifact_id}`)).content_hash,
        })),
      );
      await senate.send("/api/artifacts", {
        id: "built",
        artifact_type: "note",
        metadata: { text: "x" },
        pins,
      });
      await server.rows(
        url,
        `UPDATE artifact_versions SET metadata = '{"text":"other"}' WHERE artifact_id = 'one'`,
      );
      await server.rows(url, "DELETE FROM artifact_versions WHERE artifact_id = 'two'");
      const found = await senate.read("/api/artifacts/built/pins");
      assert.deepEqual(found.counts, { ok: 0, missing: 1, modified: 1 });
      assert.deepEqual(
        found.pins.map(({ state, current_hash }) => [state, current_hash]),
        [
          ["modified", canonicalize('{"text":"other"}').digest],
          ["missing", null],
        ],
      );
    } finally {
      await senate.close();
    }
  });
});
