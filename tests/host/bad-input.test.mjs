// Whatever arrives gets a clear answer, nothing is lost, and the next request works.
import assert from "node:assert/strict";
import { request } from "node:http";
import { connect } from "node:net";
import { after, afterEach, before, describe, test } from "node:test";
import { foundSenate } from "schema-senate-host";
import { addField, handClock, NOTE, startHost } from "./stage.mjs";

const MIB = 1024 * 1024;

describe("bad input", () => {
  let senate;
  const clock = handClock();
  const create = "/api/senate/schema-proposal";
  before(async () => {
    senate = await startHost("memory:", { now: clock.now });
    await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
  });
  after(() => senate.close());

  // The good request after each bad one.
  let made = 0;
  afterEach(async () => {
    made += 1;
    const before = await senate.host.seq();
    const stored = await senate.send("/api/artifacts", {
      id: `good-${made}`,
      artifact_type: "note",
      metadata: { text: "ok" },
    });
    assert.equal(stored.schema_version, 1);
    assert.equal((await senate.read("/health")).seq, before);
    assert.deepEqual(
      senate.logger.lines.splice(0).filter((line) => line.startsWith("error")),
      [],
      "the host did not fail",
    );
  });

  const refused = (answer, status, code) => {
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
    if (code !== undefined) assert.equal(answer.body.code, code, answer.text);
    assert.equal(answer.body.status, status);
    assert.ok(answer.body.detail.length > 0);
    assert.ok(answer.body.problems.length > 0);
    return answer.body;
  };

  test("malformed JSON, with the place", async () => {
    for (const [text, offset] of [
      ["{", 1],
      ['{"proposer_id": nope}', 17],
      ['{"a": 1,}', 8],
      ["\uFEFF{}", 0],
      ['{"a": "\\ud83d"}', undefined],
      ['{"a": 1e400}', undefined],
    ]) {
      const { problems } = refused(await senate.post(create, text), 400);
      assert.match(problems[0].code, /^json_/);
      if (offset !== undefined) assert.equal(problems[0].offset, offset, text);
    }
  });

  test("no body, an empty one, and bytes that are not UTF-8", async () => {
    refused(await senate.post(create), 400, "body_missing");
    refused(await senate.post(create, ""), 400, "body_missing");
    refused(await senate.post(create, new Uint8Array([0x7b, 0xff, 0x7d])), 400, "json_not_utf8");
  });

  test("duplicate keys, deep inside too", async () => {
    refused(
      await senate.post(create, '{"proposer_id":"ana","proposer_id":"ben"}'),
      400,
      "json_duplicate_key",
    );
    const { problems } = refused(
      await senate.post(
        "/api/artifacts",
        '{"artifact_type":"note","metadata":{"text":"a","x":{"k":1,"\\u006b":2}}}',
      ),
      400,
      "json_duplicate_key",
    );
    assert.equal(problems[0].pointer, "/metadata/x/k");
  });

  test("unknown members in a body, each named", async () => {
    const { problems } = refused(
      await senate.post("/api/artifacts", { artifact_type: "note", metadata: { text: "a" }, colour: "red" }),
      422,
    );
    assert.match(JSON.stringify(problems), /colour/);
    const draft = addField({ name: "a", schema: {} });
    refused(await senate.post(create, { proposer_id: "ana", ...draft, colour: "red" }), 422);
    refused(
      await senate.post(create, { proposer_id: "ana", ...draft, metadata: { ...draft.metadata, colour: 1 } }),
      422,
    );
    refused(await senate.post(create, { proposer_id: "ana", command: "settle", ...draft }), 422);
  });

  test("unknown parameters, and parameters of the wrong kind", async () => {
    refused(await senate.get("/api/senate/schema-proposals?statsu=voting"), 400, "query_invalid");
    refused(await senate.get("/api/senate/schema-proposals?status=decided"), 400, "query_invalid");
    refused(await senate.get("/api/senate/schema-proposals?limit=0"), 400, "query_invalid");
    refused(await senate.get("/api/senate/events?from=-1"), 400, "query_invalid");
    refused(await senate.get("/api/artifacts?cursor=zzz"), 400, "query_invalid");
    refused(await senate.get("/api/schemas/note/versions/first"), 404);
  });

  test("a body that is not JSON by its type", async () => {
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/json; charset=utf-16",
      "",
    ]) {
      refused(await senate.post(create, "{}", { "content-type": type }), 415, "unsupported_media_type");
    }
    const patch = await senate.post("/api/artifacts", '{"artifact_type":"note","metadata":{"text":"a"}}', {
      "content-type": "application/vnd.note+json; charset=UTF-8",
    });
    assert.equal(patch.status, 201);
  });

  test("a document of 10 MB, by its length and without one", async () => {
    const large = `{"proposer_id":"${"a".repeat(10 * 1000 * 1000)}"}`;
    refused(await senate.post(create, large), 413, "body_too_large");
    // In chunks, the length unknown.
    const chunked = await new Promise((resolve, reject) => {
      const sent = request(
        senate.url + create,
        { method: "POST", headers: { "content-type": "application/json", "transfer-encoding": "chunked" } },
        (response) => {
          response.resume();
          response.on("end", () => resolve(response.statusCode));
        },
      );
      sent.on("error", reject);
      for (let at = 0; at < large.length; at += MIB) sent.write(large.slice(at, at + MIB));
      sent.end();
    });
    assert.equal(chunked, 413);
  });

  test("a large schema is imported where a large body is expected", async () => {
    const description = "x".repeat(3.5 * MIB);
    const versions = [1, 2, 3].map((title) => ({ schema: { title: `Version ${title}`, description } }));
    const type = await senate.send("/api/schemas/large", { versions, by: "ana" });
    assert.equal(type.current.version, 3);
    assert.equal(type.current.schema.description.length, 3.5 * MIB);
    const padding = "x".repeat(9 * MIB);
    refused(
      await senate.post("/api/schemas/broken", `{"versions":[{"schema":{"description":"${padding}"},}]}`),
      400,
      "json_syntax",
    );
    refused(await senate.post("/api/schemas/broken", `["${padding}"]`), 422);
    refused(
      await senate.post("/api/schemas/broken", `{"command":"settle","x":"${padding}"}`),
      400,
      "json_duplicate_key",
    );
  });

  test("10,000 levels of nesting", async () => {
    const deep = "[".repeat(10_000) + "]".repeat(10_000);
    const { problems } = refused(await senate.post(create, deep), 400);
    assert.match(problems[0].code, /^json_.*deep/);
    refused(await senate.post("/api/artifacts", `{"artifact_type":"note","metadata":{"text":${deep}}}`), 400);
    refused(
      await senate.post("/api/schemas/deep", `{"by":"ana","versions":[{"schema":{"default":${deep}}}]}`),
      400,
    );
  });

  test("a schema with a regular expression that explodes", async () => {
    const patterns = ["^(([a-z])+.)+[A-Z]([a-z])+$", "^(?=(a+)+b)a*c$", "(x+x+)+y\\1"];
    for (const [index, pattern] of patterns.entries()) {
      const schema = { type: "object", properties: { text: { type: "string", pattern } } };
      const started = performance.now();
      await senate.send(`/api/schemas/explosive_${index}`, { versions: [{ schema }], by: "ana" });
      const text = "a".repeat(40_000) + "x".repeat(3_000);
      const { valid, errors } = await senate.send(`/api/schemas/explosive_${index}/validate`, { text });
      assert.equal(valid, false);
      assert.match(errors[0].code, /^schema_pattern/);
      assert.ok(performance.now() - started < 10_000, `${pattern} took ${performance.now() - started} ms`);
    }
  });

  test("the number stays the one that was sent", async () => {
    const schema = { type: "object", properties: { n: { type: "number" }, i: { type: "integer" } } };
    await senate.send("/api/schemas/number", { versions: [{ schema }], by: "ana" });
    const stored = await senate.post(
      "/api/artifacts",
      '{"artifact_type":"number","metadata":{"n":1.0,"i":9007199254740991}}',
    );
    assert.equal(stored.status, 201);
    const { text } = await senate.get(`/api/artifacts/${stored.body.id}`);
    assert.match(text, /"n":1\.0,"i":9007199254740991/);
    const unsafe = '{"artifact_type":"number","metadata":{"i":9007199254740993}}';
    const { problems } = refused(await senate.post("/api/artifacts", unsafe), 422, "json_unsafe_integer");
    assert.equal(problems[0].pointer, "/metadata/i");
    const valid = await senate.post("/api/schemas/number/validate", '{"i":9007199254740993}');
    assert.equal(valid.body.valid, true);
    refused(
      await senate.post("/api/artifacts", '{"artifact_type":"number","metadata":{"s":"a\\u0000b"}}'),
      422,
      "artifact_not_storable",
    );
  });

  test("ballots: twice, by a stranger, for another subject, after the close", async () => {
    const created = await senate.send(create, {
      proposer_id: "ana",
      ...addField({ name: "a", schema: {} }),
      open_voting: true,
    });
    const { id } = created;
    const { subject } = created.vote;
    assert.equal((await senate.vote(id, "ana", "yes", subject)).status, 200);
    refused(await senate.vote(id, "ana", "no", subject, "changed my mind"), 409, "ballot_cast_before");
    const stranger = refused(await senate.vote(id, "mallory", "yes", subject), 403, "actor_unknown");
    assert.equal(stranger.problems[0].pointer, "/voter_id");
    refused(await senate.vote(id, "ben", "yes", `sha256:${"0".repeat(64)}`), 409, "other_subject");
    refused(await senate.vote(id, "ben", "maybe", subject), 422);
    refused(await senate.vote(id, "ben", "no", subject), 422, "reason_missing");
    refused(await senate.vote("01ARZ3NDEKTSV4RRFFQ69G5FAV", "ben", "yes", subject), 404, "proposal_unknown");
    const { tally } = await senate.read(`${create}/${id}`);
    assert.deepEqual([tally.yes, tally.no, tally.abstain], [1, 0, 0]);
    clock.forward(8 * 24 * 3600 * 1000);
    refused(await senate.vote(id, "ben", "yes", subject), 409, "vote_closed");
    assert.equal((await senate.read(`${create}/${id}`)).status, "expired");
  });

  test("drafts that are wrong, with the places and the remedies", async () => {
    const wrong = async (draft) => {
      const { problems } = refused(await senate.post(create, { proposer_id: "ana", ...draft }), 422);
      return problems.map((one) => `${one.code} ${one.pointer}`);
    };
    assert.deepEqual(await wrong(addField({ name: "text", schema: {} })), [
      "field_exists /metadata/field_spec/name",
    ]);
    assert.ok(
      (await wrong(addField({ name: "a", schema: { type: "strnig" } }))).some((one) =>
        one.includes("/metadata/field_spec/schema"),
      ),
    );
    const unknown = await wrong(addField({ name: "a", schema: {} }, { target_artifact_type: "nothing" }));
    assert.match(unknown[0], /\/metadata\/target_artifact_type$/);
    const bare = await wrong({ proposal_type: "schema_change", metadata: { target_artifact_type: "note" } });
    for (const missing of [
      "change_type",
      "field_spec",
      "rationale",
      "migration_plan",
      "backward_compatible",
    ]) {
      assert.ok(bare.length >= 5, `${missing} of ${bare}`);
    }
    refused(await senate.post(create, { ...addField({ name: "a", schema: {} }) }), 422);
  });

  test("a draft check answers whatever the draft is", async () => {
    for (const draft of ["[]", "null", '"text"', "{}", '{"metadata":{"target_artifact_type":5}}']) {
      const check = await senate.post(`${create}/check`, draft);
      assert.equal(check.status, 200, check.text);
      assert.equal(check.body.ok, false);
    }
  });

  test("imports that are wrong change nothing", async () => {
    refused(
      await senate.post("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" }),
      409,
      "artifact_type_exists",
    );
    refused(
      await senate.post("/api/schemas/half", {
        versions: [{ schema: {} }, { schema: { type: "nope" } }],
        by: "ana",
      }),
      422,
    );
    refused(await senate.post("/api/schemas/No%20Name", { versions: [{ schema: {} }], by: "ana" }), 422);
    refused(await senate.post("/api/schemas/none", { versions: [], by: "ana" }), 422);
    refused(await senate.get("/api/schemas/half"), 404, "artifact_type_unknown");
  });

  test("what is not there", async () => {
    for (const path of [
      "/api/schemas/zz",
      "/api/artifacts/zz",
      `${create}/zz`,
      "/api/schemas/note/versions/99",
      "/api/zz",
    ]) {
      refused(await senate.get(path), 404);
    }
    const method = await senate.call("DELETE", "/api/artifacts/good-1");
    refused(method, 405, "method_not_allowed");
    assert.equal(method.headers.get("allow"), "GET, PUT");
    refused(await senate.get("/api/schemas/%zz"), 404);
  });

  test("another site's name for this address", async () => {
    const status = await new Promise((resolve, reject) => {
      request(`${senate.url}/health`, { headers: { host: "evil.example" } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
    assert.equal(status, 421);
  });

  test("a client that goes away in the middle of its request", async () => {
    const { port } = senate.server;
    await new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.write(
          `POST ${create} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"pro`,
        );
        setTimeout(() => {
          socket.destroy();
          resolve();
        }, 50);
      });
      socket.on("error", reject);
    });
  });

  test("a hundred bad requests at once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => senate.post(create, `{"n":${index}`)),
    );
    assert.ok(answers.every((answer) => answer.status === 400));
  });
});

test("a senate that is not founded says so, and works once it is", async () => {
  const senate = await startHost("memory:", { found: false });
  try {
    const answer = await senate.get("/api/senate");
    assert.equal(answer.status, 503);
    assert.equal(answer.body.code, "senate_not_founded");
    assert.equal((await senate.get("/health")).status, 200);
    await foundSenate(senate.host, {
      origin: "late.invalid",
      members: [{ id: "a" }, { id: "b" }, { id: "c" }],
    });
    assert.equal((await senate.read("/api/senate")).origin, "late.invalid");
  } finally {
    await senate.close();
  }
});
