// Members who sign for themselves, over HTTP: a whole life, and everything that is not taken.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { verifyCertificate } from "schema-senate";
import { addField, linesOf, NOTE, ORIGIN, SIGNING, startSigned, storeKinds } from "./stage.mjs";
import { actBytes, keyPair, openEnvelope, proofOf, signAct, verifies } from "./verify.mjs";

const eventsOf = async (senate) => linesOf((await senate.get("/api/senate/events")).text);

for (const { kind, skip, open, close } of storeKinds()) {
  describe(`a signed life on ${kind}`, { skip }, () => {
    let senate;
    before(async () => {
      senate = await startSigned(await open());
    });
    after(async () => {
      await senate.close();
      await close();
    });

    test("the host says that it signs for nobody, and what a member has to name", async () => {
      const view = await senate.read("/api/senate");
      assert.equal(view.signing, "required");
      assert.deepEqual(view.development_members, []);
      assert.equal(view.log_key, SIGNING.logKey.publicKey);
      const { instance, key, next_nonce, seen } = await senate.signing("ana");
      assert.deepEqual([instance, key, next_nonce], [ORIGIN, senate.keys.ana.id, 1]);
      assert.equal(seen.size, 1);
    });

    test("import, proposal, debate, vote, migration: every event carries its act as it was signed", async () => {
      await senate.done("ana", "import_type", { artifact_type: "note", versions: [{ schema: NOTE }] });
      const { id } = await senate.done(
        "ana",
        "propose",
        addField({ name: "checked", schema: { type: "boolean" } }),
      );
      await senate.done("ben", "comment", { proposal_id: id, text: "Who checks them?" });
      const raised = await senate.done("cho", "raise_concern", {
        proposal_id: id,
        name: "nobody checks",
        text: "There is nobody whose task it would be.",
      });
      const [concern] = raised.concerns;
      await senate.done("cho", "resolve_concern", {
        proposal_id: id,
        concern_id: concern.id,
        text: "Dee does it from now on.",
      });
      const carried = await senate.carry(id, "ana");
      assert.equal(carried.status, "active");
      assert.equal(carried.migration.state, "applied");

      const acts = (await eventsOf(senate)).filter((event) => event.act !== undefined);
      assert.deepEqual(
        acts.map(({ act }) => act.command),
        [
          "import_type",
          "propose",
          "comment",
          "raise_concern",
          "resolve_concern",
          "open_vote",
          ...Array(3).fill("cast_ballot"),
        ],
      );
      for (const { act } of acts) {
        const by = act.by ?? act.voter_id ?? act.proposer_id;
        const signature = Buffer.from(act.signature, "base64");
        assert.ok(verifies(senate.keys[by].public, actBytes(act), signature), act.command);
      }
    });

    test("its certificate is signed by the log key, and verifies offline", async () => {
      const { proposals } = await senate.read("/api/senate/schema-proposals?status=active");
      const answer = await senate.get(`/api/senate/schema-proposal/${proposals[0].id}/certificate`);
      assert.equal(answer.status, 200, answer.text);
      const statement = openEnvelope(answer.body, SIGNING.logKey.publicKey);
      assert.equal(statement._type, "https://in-toto.io/Statement/v1");
      const verified = verifyCertificate(answer.text, { log_key: SIGNING.logKey.publicKey });
      assert.equal(verified.ok, true, JSON.stringify(verified).slice(0, 500));
      const { payload } = answer.body;
      const other = Buffer.from(payload, "base64")
        .toString("utf8")
        .replace("Who checks them?", "Who checks then?");
      const forged = { ...answer.body, payload: Buffer.from(other).toString("base64") };
      assert.notEqual(forged.payload, payload);
      assert.equal(verifyCertificate(JSON.stringify(forged), {}).ok, false);
    });
  });
}

describe("what is not taken", () => {
  let senate;
  let id;
  let subject;
  before(async () => {
    senate = await startSigned("memory:");
    await senate.done("ana", "import_type", { artifact_type: "note", versions: [{ schema: NOTE }] });
    ({ id } = await senate.done("ana", "propose", addField({ name: "a", schema: { type: "string" } })));
    const opened = await senate.done("ana", "open_vote", { proposal_id: id });
    subject = opened.vote.subject;
  });
  after(() => senate.close());

  const ballot = (more = {}) => ({ proposal_id: id, choice: "yes", subject, ...more });

  /** Refused, and nothing of it stored. */
  const refused = async (answer, status, code) => {
    const before = await senate.host.seq();
    const { status: got, body, text } = await answer;
    assert.equal(got, status, text);
    if (code !== undefined) assert.equal(body.code, code, text);
    assert.equal(await senate.host.seq(), before);
    return body;
  };

  test("an act that nobody has signed: 401, with the way to sign it", async () => {
    const body = await refused(senate.vote(id, "ben", "yes", subject), 401, "signature_missing");
    assert.equal(body.problems[0].pointer, "/signature");
    assert.match(body.problems[0].remedy, /GET \/api\/senate\/signing\/ben/);
    for (const [path, act] of [
      [`${id}/open`, { by: "ana" }],
      [`${id}/withdraw`, { by: "ana" }],
      [`${id}/comment`, { by: "ana", text: "A word." }],
      [`${id}/concern`, { by: "ana", name: "a name", text: "A worry." }],
      [`${id}/concern/c1/resolve`, { by: "ana", text: "It is well." }],
      [`${id}/concern/c1/override`, { by: "ana", reason: "It is well." }],
      [`${id}/recuse`, { by: "ana", reason: "My own." }],
      [`${id}/revise`, { by: "ana", metadata: {} }],
      [`${id}/appeal`, { by: "ana", justification: "It is about notes." }],
      [`${id}/scope-verdict`, { by: "ana", verdict: "in_scope", reasoning: "It is about notes." }],
    ]) {
      await refused(senate.post(`/api/senate/schema-proposal/${path}`, act), 401, "signature_missing");
    }
    await refused(
      senate.post("/api/senate/schema-proposal", {
        proposer_id: "ana",
        ...addField({ name: "b", schema: {} }),
      }),
      401,
      "signature_missing",
    );
    await refused(
      senate.post("/api/schemas/other", { versions: [{ schema: {} }], by: "ana" }),
      401,
      "signature_missing",
    );
    await refused(senate.post("/api/senate/keys/rotate", { by: "ana" }), 401, "signature_missing");
  });

  test("a certificate of what is not decided", async () => {
    const at = "/api/senate/schema-proposal";
    await refused(senate.get(`${at}/${id}/certificate`), 409, "nothing_to_certify");
    await refused(senate.get(`${at}/01ARZ3NDEKTSV4RRFFQ69G5FAV/certificate`), 404, "proposal_unknown");
  });

  test("a vote that is to be opened in passing", async () => {
    const act = await senate.sign("ana", "propose", addField({ name: "b", schema: {} }));
    await refused(senate.deliver({ ...act, open_voting: true }), 422, "open_voting_unsigned");
  });

  test("somebody else's key, under its own name and under the member's", async () => {
    await refused(senate.act("ben", "cast_ballot", ballot(), { key: senate.keys.cho }), 401, "key_unknown");
    const disguised = { ...senate.keys.cho, id: senate.keys.ben.id };
    await refused(senate.act("ben", "cast_ballot", ballot(), { key: disguised }), 401, "signature_wrong");
    await refused(senate.act("ben", "cast_ballot", ballot(), { key: keyPair() }), 401, "key_unknown");
  });

  test("a stranger", async () => {
    const stranger = keyPair();
    const { instance, seen } = await senate.signing("ana");
    const act = { command: "cast_ballot", voter_id: "mallory", ...ballot() };
    const body = await refused(
      senate.deliver(signAct(act, stranger, { instance, next_nonce: 1, seen })),
      403,
    );
    assert.match(body.code, /^(?:actor_unknown|not_a_member)$/);
    await refused(senate.get("/api/senate/signing/mallory"), 403, "actor_unknown");
  });

  test("an act for another senate", async () => {
    await refused(
      senate.act("ben", "cast_ballot", ballot(), { instance: "other.senate.invalid" }),
      401,
      "other_instance",
    );
  });

  test("an act whose signer was shown another log", async () => {
    const { seen } = await senate.signing("ben");
    const root = `sha256:${"0".repeat(64)}`;
    for (const wrong of [
      { ...seen, root },
      { size: seen.size + 1, root },
      { size: seen.size - 1, root: seen.root },
    ]) {
      await refused(senate.act("ben", "cast_ballot", ballot(), { seen: wrong }), 409, "checkpoint_unknown");
    }
  });

  test("a ballot on another subject, and one that was signed for another proposal", async () => {
    const { id: other } = await senate.done(
      "ben",
      "propose",
      addField({ name: "b", schema: { type: "string" } }),
    );
    const opened = await senate.done("ben", "open_vote", { proposal_id: other });
    await refused(
      senate.act("cho", "cast_ballot", ballot({ subject: opened.vote.subject })),
      409,
      "other_subject",
    );
    const act = await senate.sign("cho", "cast_ballot", ballot());
    await refused(senate.deliver({ ...act, proposal_id: other }), 401, "signature_wrong");
  });

  test("a byte that was changed on the way, wherever it stands", async () => {
    const {
      command: _,
      proposal_id: __,
      ...act
    } = await senate.sign(
      "dee",
      "cast_ballot",
      ballot({ choice: "no", reason: "Nobody needs it: “a” says nothing." }),
    );
    const body = Buffer.from(JSON.stringify(act));
    const before = await senate.host.seq();
    const path = `/api/senate/schema-proposal/${id}/vote`;
    const codes = new Map();
    for (let at = 0; at < body.length; at += 1) {
      for (const bit of [1 << (at % 6)]) {
        const changed = Buffer.from(body);
        changed[at] ^= bit;
        const answer = await senate.post(path, new Uint8Array(changed));
        assert.ok(answer.status >= 400 && answer.status < 500, `byte ${at}: ${answer.status} ${answer.text}`);
        codes.set(answer.body.code, (codes.get(answer.body.code) ?? 0) + 1);
      }
    }
    assert.equal(await senate.host.seq(), before, "nothing was stored");
    assert.ok(codes.get("signature_wrong") > 100, JSON.stringify([...codes]));
    // The act itself is good.
    assert.equal((await senate.post(path, new Uint8Array(body))).status, 200);
  });

  test("members of an act that are not written as they must be", async () => {
    const act = await senate.sign("ben", "cast_ballot", ballot());
    for (const wrong of [
      { nonce: 0 },
      { nonce: "1" },
      { nonce: 1.5 },
      { key: "sha256:1" },
      { signature: act.signature.slice(0, -2) },
      { signature: act.signature.slice(0, 80) },
      { seen: { size: 1 } },
      { seen: { ...act.seen, colour: "red" } },
      { colour: "red" },
    ]) {
      await refused(senate.deliver({ ...act, ...wrong }), 422);
    }
  });
});

describe("an act that comes again", () => {
  let senate;
  let id;
  before(async () => {
    senate = await startSigned("memory:", { policy: { live_per_proposer: 5 } });
    await senate.done("ana", "import_type", { artifact_type: "note", versions: [{ schema: NOTE }] });
    ({ id } = await senate.done("ana", "propose", addField({ name: "a", schema: { type: "string" } })));
  });
  after(() => senate.close());

  test("the same act is taken once and answered twice", async () => {
    const act = await senate.sign("ben", "comment", { proposal_id: id, text: "Once." });
    assert.equal((await senate.deliver(act)).status, 200);
    const seq = await senate.host.seq();
    const again = await senate.deliver(act);
    assert.equal(again.status, 200);
    assert.equal(again.body.threads.length, 1);
    assert.equal(await senate.host.seq(), seq);
    const propose = await senate.sign("ben", "propose", addField({ name: "b", schema: { type: "string" } }));
    const first = await senate.deliver(propose);
    const second = await senate.deliver(propose);
    assert.deepEqual([first.status, second.status], [201, 201]);
    assert.equal(second.body.id, first.body.id);
    assert.equal(second.body.proposal_id, first.body.id);
  });

  test("another act under its number is evidence: stored once, refused, and the first stands", async () => {
    const { next_nonce } = await senate.signing("cho");
    const one = await senate.sign("cho", "comment", { proposal_id: id, text: "For it." });
    const other = await senate.sign("cho", "comment", { proposal_id: id, text: "Against it." });
    assert.deepEqual([one.nonce, other.nonce], [next_nonce, next_nonce]);
    assert.equal((await senate.deliver(one)).status, 200);
    const doubled = await senate.deliver(other);
    assert.equal(doubled.status, 409);
    assert.equal(doubled.body.code, "equivocation");
    const log = await eventsOf(senate);
    const evidence = log.at(-1);
    assert.equal(evidence.event, "equivocation_recorded");
    assert.deepEqual(evidence.act, other);
    assert.deepEqual(log.find(({ seq }) => seq === evidence.first_seq).act, one);
    // Once is enough, and it hurts nobody else's acts.
    const third = await senate.deliver(other);
    assert.equal(third.status, 409);
    assert.equal((await eventsOf(senate)).length, log.length);
    const { threads } = await senate.read(`/api/senate/schema-proposal/${id}`);
    assert.ok(!JSON.stringify(threads).includes("Against it."));
    const { equivocations } = await senate.read("/api/senate/members");
    assert.deepEqual(
      equivocations.map(({ member_id, nonce }) => [member_id, nonce]),
      [["cho", next_nonce]],
    );
    await senate.done("cho", "comment", { proposal_id: id, text: "Sorry." });
  });

  test("a number may be left out, and then never be used", async () => {
    const { next_nonce } = await senate.signing("dee");
    const late = await senate.sign("dee", "comment", { proposal_id: id, text: "Later." });
    assert.equal(late.nonce, next_nonce);
    const far = await senate.act(
      "dee",
      "comment",
      { proposal_id: id, text: "Now." },
      { next_nonce: next_nonce + 10 },
    );
    assert.equal(far.status, 200);
    const answer = await senate.deliver(late);
    assert.equal(answer.status, 409);
    assert.equal(answer.body.code, "nonce_not_rising");
    assert.equal((await senate.signing("dee")).next_nonce, next_nonce + 11);
  });
});

describe("keys and members change", () => {
  let senate;
  before(async () => {
    senate = await startSigned("memory:", { ids: ["ana", "ben", "cho", "dee", "eva"] });
    await senate.done("ana", "import_type", { artifact_type: "note", versions: [{ schema: NOTE }] });
  });
  after(() => senate.close());

  test("a key is rotated with the old one and a proof of the new one; the old one is over", async () => {
    const { id } = await senate.done("ana", "propose", addField({ name: "a", schema: { type: "string" } }));
    const opened = await senate.done("ana", "open_vote", { proposal_id: id });
    const { subject } = opened.vote;
    const next = keyPair();
    const proof = proofOf(next, ORIGIN, "ben");
    const unproved = await senate.act("ben", "rotate_key", {
      new_key: next.public,
      proof: proofOf(next, ORIGIN, "cho"),
    });
    assert.equal(unproved.status, 401, unproved.text);
    const rotated = await senate.done("ben", "rotate_key", { new_key: next.public, proof });
    assert.equal(rotated.key, next.id);
    const old = await senate.act("ben", "cast_ballot", { proposal_id: id, choice: "yes", subject });
    assert.equal(old.status, 401, old.text);
    assert.equal(old.body.code, "key_revoked");
    senate.keys.ben = next;
    // Also in a vote that had frozen the old one.
    await senate.done("ben", "cast_ballot", { proposal_id: id, choice: "yes", subject });
    const again = await senate.act("cho", "rotate_key", {
      new_key: next.public,
      proof: proofOf(next, ORIGIN, "cho"),
    });
    assert.ok(again.status >= 400, "a key speaks for one member");
  });

  test("a member who is retired signs no more, and one who is enrolled does", async () => {
    const fay = keyPair();
    const { id } = await senate.done("cho", "propose", {
      proposal_type: "membership_change",
      title: "Dee leaves, Fay joins",
      metadata: {
        changes: [{ retire: { id: "dee" } }, { enrol: { id: "fay", key: fay.public, name: "Fay" } }],
        rationale:
          "Dee has left the team for another one, and Fay takes over the notes that dee looked after.",
      },
    });
    const carried = await senate.carry(id, "cho");
    assert.equal(carried.status, "active", JSON.stringify(carried.problems));
    const view = await senate.read("/api/senate/members");
    assert.equal(view.epoch, 2);
    assert.deepEqual(view.members.map((member) => member.id).sort(), ["ana", "ben", "cho", "eva", "fay"]);
    const { proposals } = await senate.read("/api/senate/schema-proposals?status=voting");
    const { seen, instance } = await senate.signing("ana");
    const act = { command: "comment", by: "dee", proposal_id: proposals[0].id, text: "Still here." };
    const answer = await senate.deliver(signAct(act, senate.keys.dee, { instance, next_nonce: 99, seen }));
    assert.equal(answer.status, 403, answer.text);
    assert.equal(answer.body.code, "actor_retired");
    senate.keys.fay = fay;
    await senate.done("fay", "comment", { proposal_id: proposals[0].id, text: "Hello." });
    // Never retroactive: who was not of the frozen electorate has no vote in it.
    const { vote } = await senate.read(`/api/senate/schema-proposal/${proposals[0].id}`);
    const late = await senate.act("fay", "cast_ballot", {
      proposal_id: proposals[0].id,
      choice: "yes",
      subject: vote.subject,
    });
    assert.equal(late.status, 403, late.text);
  });
});
