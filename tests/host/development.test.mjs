// Development mode: the host signs for the members whose keys it holds, and only for them.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DevelopmentKeys } from "schema-senate-host";
import { addField, linesOf, NOTE, ORIGIN, startHost, withKeys } from "./stage.mjs";
import { actBytes, keyPair, proofOf, verifies } from "./verify.mjs";

describe("a host in development mode", () => {
  let senate;
  let id;
  const own = keyPair();
  before(async () => {
    const started = await startHost("memory:", {
      development: DevelopmentKeys.inMemory(),
      members: [{ id: "ana" }, { id: "ben" }, { id: "cho" }, { id: "person:own/key", key: own.public }],
    });
    senate = withKeys(started, { "person:own/key": own });
    await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
    ({ id } = await senate.send("/api/senate/schema-proposal", {
      proposer_id: "ana",
      ...addField({ name: "a", schema: { type: "string" } }),
    }));
  });
  after(() => senate.close());

  const log = async () => linesOf((await senate.get("/api/senate/events")).text);

  test("says so, and for whom it signs", async () => {
    const view = await senate.read("/api/senate");
    assert.equal(view.signing, "development");
    assert.deepEqual(view.development_members, ["ana", "ben", "cho"]);
  });

  test("an act without a signature is signed with the member's key, as it was written", async () => {
    const text = '{"text":"Caf\\u00e9 \\u2026","by":"ben"}';
    assert.equal((await senate.post(`/api/senate/schema-proposal/${id}/comment`, text)).status, 200);
    const { act } = (await log()).at(-1);
    assert.equal(act.text, "Café …");
    const { members } = await senate.read("/api/senate/members");
    const { key } = members.find((member) => member.id === "ben");
    assert.ok(verifies(key, actBytes(act), Buffer.from(act.signature, "base64")));
    assert.equal(act.instance, ORIGIN);
  });

  test("many acts of one member at once all get numbers of their own", async () => {
    const before = (await senate.signing("cho")).next_nonce;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        senate.post(`/api/senate/schema-proposal/${id}/comment`, { by: "cho", text: `Word ${index}.` }),
      ),
    );
    for (const answer of answers) assert.equal(answer.status, 200, answer.text);
    const nonces = (await log()).filter(({ act }) => act?.by === "cho").map(({ act }) => act.nonce);
    assert.deepEqual(
      nonces,
      Array.from({ length: 20 }, (_, index) => before + index),
    );
  });

  test("a member with a key of their own signs for themselves; the host does not", async () => {
    const comment = `/api/senate/schema-proposal/${id}/comment`;
    const unsigned = await senate.post(comment, { by: "person:own/key", text: "Not mine." });
    assert.equal(unsigned.status, 401);
    assert.equal(unsigned.body.code, "signature_missing");
    assert.match(unsigned.body.problems[0].remedy, /signing\/person%3Aown%2Fkey/);
    await senate.done("person:own/key", "comment", { proposal_id: id, text: "Mine." });
  });

  test("a wrong signature is not mended", async () => {
    const act = await senate.sign("person:own/key", "comment", { proposal_id: id, text: "Mine." });
    const answer = await senate.deliver({ ...act, by: "ana" });
    assert.equal(answer.status, 401);
    const wrong = await senate.post(`/api/senate/schema-proposal/${id}/comment`, {
      by: "ana",
      text: "x",
      signature: act.signature,
    });
    assert.ok(wrong.status === 401 || wrong.status === 422, wrong.text);
  });

  test("a key is rotated by asking, to one that the host holds too", async () => {
    const before = await senate.signing("ben");
    const after = await senate.send("/api/senate/keys/rotate", { by: "ben" });
    assert.notEqual(after.key, before.key);
    await senate.send(`/api/senate/schema-proposal/${id}/comment`, { by: "ben", text: "With the new key." });
    assert.deepEqual((await senate.read("/api/senate")).development_members, ["ana", "ben", "cho"]);
    assert.equal((await log()).at(-1).act.key, after.key);
  });

  test("a key that is taken out of the host's hands stays out", async () => {
    const taken = keyPair();
    await senate.send("/api/senate/keys/rotate", {
      by: "cho",
      new_key: taken.public,
      proof: proofOf(taken, ORIGIN, "cho"),
    });
    assert.deepEqual((await senate.read("/api/senate")).development_members, ["ana", "ben"]);
    const unsigned = await senate.post(`/api/senate/schema-proposal/${id}/comment`, {
      by: "cho",
      text: "Mine.",
    });
    assert.equal(unsigned.status, 401);
    const signing = await senate.send("/api/senate/keys/rotate", { by: "cho" }).catch((error) => error);
    assert.match(String(signing), /401/);
    const { done } = withKeys(senate, { cho: taken });
    await done("cho", "comment", { proposal_id: id, text: "Mine." });
  });

  test("the members that are put in front do not move the places of problems", async () => {
    const body = '{"by":"ana","versions":[{"schema":{}}],}';
    const answer = await senate.post("/api/schemas/broken", body);
    assert.equal(answer.status, 400);
    assert.equal(answer.body.problems[0].offset, body.length - 1);
    const twice = await senate.post("/api/schemas/broken", '{"by":"ana","versions":[],"versions":[]}');
    assert.equal(twice.body.code, "json_duplicate_key");
  });

  test("a stranger's act is refused as a stranger's", async () => {
    const answer = await senate.post(`/api/senate/schema-proposal/${id}/comment`, {
      by: "mallory",
      text: "Hi.",
    });
    assert.equal(answer.status, 403);
    assert.equal(answer.body.code, "actor_unknown");
  });
});

test("without development mode, members without keys cannot found a senate", async () => {
  await assert.rejects(
    startHost("memory:", { development: false, members: [{ id: "ana" }, { id: "ben" }, { id: "cho" }] }),
    /cannot be founded/,
  );
});
