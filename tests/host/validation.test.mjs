// Artifacts against their schema: one at a time before they are stored, all of a type in an audit.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openStore, StoreError } from "schema-senate-host";
import { addField, NOTE, startHost, storeKinds } from "./stage.mjs";

const LIST = {
  type: "object",
  required: ["items"],
  properties: { items: { type: "array", items: { type: "integer" } } },
};

const problemOf = async (answer, status, code) => {
  const { status: given, body, text } = await answer;
  assert.deepEqual([given, body.code], [status, code], text);
  return body;
};

/** Waits until the newest audit of a type has come to its end. */
async function ended(senate, type) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const { run } = await senate.read(`/api/schemas/${type}/audit`);
    if (run.state !== "running") return run;
    assert.ok(Date.now() < deadline, JSON.stringify(run));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("one artifact", () => {
  let senate;
  const at = "/api/schemas/note/validate";
  before(async () => {
    senate = await startHost("memory:");
    await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
  });
  after(() => senate.close());

  test("is valid or not, in words and with the place, by POST and by GET", async () => {
    const wrong = '{"text":"","stars":1.5}';
    const posted = await senate.send(at, wrong);
    assert.deepEqual(
      [posted.valid, posted.accepted, posted.mode, posted.version],
      [false, false, "strict", 1],
    );
    assert.deepEqual(posted.errors.map(({ code, instance_path }) => [code, instance_path]).sort(), [
      ["schema_min_length", "/text"],
      ["schema_type", "/stars"],
    ]);
    assert.deepEqual(await senate.read(`${at}?metadata=${encodeURIComponent(wrong)}`), posted);
    const right = await senate.read(`${at}?version=1&metadata=${encodeURIComponent('{"text":"x"}')}`);
    assert.deepEqual([right.valid, right.accepted, right.errors], [true, true, []]);
  });

  test("the mode says whether it would be stored", async () => {
    const verdict = async (mode, body) => {
      const { valid, accepted, errors } = await senate.send(`${at}?mode=${mode}`, body);
      return [valid, accepted, errors.length];
    };
    assert.deepEqual(await verdict("strict", {}), [false, false, 1]);
    assert.deepEqual(await verdict("warn", {}), [false, true, 1]);
    assert.deepEqual(await verdict("skip", {}), [null, true, 0]);
    assert.deepEqual(await verdict("warn", { text: "x" }), [true, true, 0]);
  });

  test("what is no JSON, no mode, no version, no type", async () => {
    await problemOf(
      senate.get(`${at}?metadata=${encodeURIComponent('{"a":1,"a":2}')}`),
      400,
      "json_duplicate_key",
    );
    await problemOf(senate.get(`${at}?metadata={`), 400, "json_syntax");
    await problemOf(senate.get(`${at}?mode=warn`), 400, "query_invalid");
    await problemOf(senate.get(`${at}?metadata={}&mode=lenient`), 400, "query_invalid");
    await problemOf(senate.post(`${at}?version=9&mode=skip`, {}), 404, "schema_version_unknown");
    await problemOf(senate.post("/api/schemas/loose/validate", {}), 404, "artifact_type_unknown");
    for (const mode of ["warn", "skip"]) {
      const { version, valid, accepted } = await senate.send(`/api/schemas/loose/validate?mode=${mode}`, {});
      assert.deepEqual([version, valid, accepted], [null, null, true]);
    }
  });

  test("registering goes by the same modes, from the query or the body", async () => {
    const register = (query, more = {}) =>
      senate.post(`/api/artifacts${query}`, { artifact_type: "note", metadata: { text: "" }, ...more });
    await problemOf(register(""), 422, "schema_min_length");
    await problemOf(register("?mode=strict", { mode: "warn" }), 422, "schema_min_length");
    for (const [query, more] of [
      ["?mode=warn", {}],
      ["", { mode: "warn" }],
    ]) {
      const { status, body } = await register(query, more);
      assert.deepEqual(
        [status, body.schema_version, body.warnings.map((one) => [one.code, one.pointer, one.severity])],
        [201, 1, [["schema_min_length", "/metadata/text", "error"]]],
      );
    }
    const skipped = await register("?mode=skip", { metadata: { text: "fine, and nobody has looked" } });
    assert.deepEqual(
      skipped.body.warnings.map(({ code, severity }) => [code, severity]),
      [["not_validated", "warning"]],
    );
    assert.equal((await register("?mode=lenient")).status, 400);
    assert.equal((await register("", { mode: "lenient" })).status, 422);
  });

  test("what is let through goes to the log, field by field", async () => {
    senate.logger.lines.length = 0;
    await senate.send("/api/artifacts?mode=warn", {
      id: "odd",
      artifact_type: "note",
      metadata: { text: "", stars: 9 },
    });
    const lines = senate.logger.lines.filter((line) => line.includes("artifact odd")).sort();
    assert.equal(lines.length, 2, lines.join("\n"));
    assert.match(lines[0], /^warn: .*\/metadata\/stars: schema_maximum: /);
    assert.match(lines[1], /^warn: .*\/metadata\/text: schema_min_length: /);
  });

  test("a host may be started with another mode", async () => {
    const lenient = await startHost("memory:", { validation: "warn" });
    try {
      await lenient.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
      const wrong = { artifact_type: "note", metadata: {} };
      assert.equal((await lenient.post("/api/artifacts", wrong)).status, 201);
      assert.equal((await lenient.post("/api/artifacts?mode=strict", wrong)).status, 422);
    } finally {
      await lenient.close();
    }
  });
});

for (const { kind, skip, open, close } of storeKinds()) {
  describe(`an audit on ${kind}`, { skip }, () => {
    let senate;
    const register = (id, metadata, artifact_type = "note") =>
      senate.host.artifacts.register({ id, artifact_type, metadata: JSON.stringify(metadata), mode: "warn" });
    before(async () => {
      senate = await startHost(await open());
      for (const [type, schema] of Object.entries({ note: NOTE, list: LIST, empty: NOTE }))
        await senate.send(`/api/schemas/${type}`, { versions: [{ schema }], by: "ana" });
    });
    after(async () => {
      await senate.close();
      await close();
    });

    test("looks at every artifact, in more than one batch, and keeps what it finds", async () => {
      for (let index = 0; index < 250; index += 1) {
        await register(`n${String(index).padStart(3, "0")}`, index % 25 === 7 ? { text: "" } : { text: "x" });
      }
      const begun = await senate.post("/api/schemas/note/audit");
      assert.equal(begun.status, 202, begun.text);
      assert.deepEqual([begun.body.state, begun.body.total, begun.body.version], ["running", 250, 1]);
      const run = await ended(senate, "note");
      assert.deepEqual(
        [run.run_id, run.state, run.checked, run.valid, run.invalid, run.compliance],
        [begun.body.run_id, "done", 250, 240, 10, 9600],
      );
      assert.deepEqual([run.findings, run.findings_kept, run.percent, run.seconds_left], [10, 10, 100, 0]);
      const first = await senate.read("/api/schemas/note/audit?limit=6");
      assert.deepEqual(
        first.findings.map((one) => [one.number, one.artifact_id, one.code, one.pointer, one.version_number]),
        ["n007", "n032", "n057", "n082", "n107", "n132"].map((id, index) => [
          index + 1,
          id,
          "schema_min_length",
          "/text",
          1,
        ]),
      );
      const rest = await senate.read(`/api/schemas/note/audit?limit=6&after=${first.next_after}`);
      assert.deepEqual(
        rest.findings.map((one) => one.artifact_id),
        ["n157", "n182", "n207", "n232"],
      );
      assert.ok(!("next_after" in rest));
    });

    test("the compliance is that of the last audit until something is written", async () => {
      const path = "/api/schemas/note/compliance";
      const { run } = await senate.read("/api/schemas/note/audit");
      const found = await senate.read(path);
      assert.deepEqual(
        [found.run_id, found.state, found.checked, found.valid, found.invalid, found.compliance],
        [run.run_id, "done", 250, 240, 10, 9600],
      );
      assert.equal(found.failures.length, 10);
      assert.equal((await senate.read(path)).run_id, run.run_id);
      const { status } = await senate.call("PUT", "/api/artifacts/n007", {
        metadata: { text: "mended" },
        base_version: 1,
      });
      assert.equal(status, 200);
      const mended = await senate.read(path);
      assert.notEqual(mended.run_id, run.run_id);
      assert.deepEqual(
        [mended.valid, mended.compliance, mended.failures[0].artifact_id],
        [241, 9640, "n032"],
      );
      await register("n999", {});
      assert.deepEqual((await senate.read(path)).checked, 251);
      const { compliance } = await senate.read("/api/schemas");
      assert.deepEqual(
        compliance.map((one) => [one.artifact_type, one.checked, one.compliance]),
        [["note", 251, 9601]],
      );
      // An earlier run is still there, with what it has found.
      const old = await senate.read(`/api/schemas/note/audit?run_id=${run.run_id}`);
      assert.deepEqual([old.run.checked, old.findings.length], [250, 10]);
      await problemOf(senate.get(`/api/schemas/list/audit?run_id=${run.run_id}`), 404, "audit_unknown");
    });

    test("findings of one artifact are capped, and all are counted", async () => {
      await register("l1", { items: Array.from({ length: 30 }, (_, index) => `wrong ${index}`) }, "list");
      await register("l2", {}, "list");
      const found = await senate.read("/api/schemas/list/compliance");
      assert.deepEqual([found.checked, found.valid, found.compliance], [2, 0, 0]);
      assert.deepEqual(
        found.failures.map((one) => one.artifact_id),
        ["l1", "l2"],
      );
      const { run, findings } = await senate.read("/api/schemas/list/audit");
      assert.deepEqual([run.findings, run.findings_kept, findings.length], [31, 21, 21]);
      assert.equal(findings[0].pointer, "/items/0");
    });

    test("a type without artifacts, without a schema, and without either", async () => {
      const empty = await senate.read("/api/schemas/empty/compliance");
      assert.deepEqual([empty.state, empty.total, empty.checked, empty.compliance], ["done", 0, 0, null]);
      await register("loose1", { any: "thing" }, "loose");
      const loose = await senate.send("/api/schemas/loose/audit", {});
      assert.deepEqual(
        [loose.state, loose.version, loose.total, loose.checked, loose.compliance],
        ["done", null, 1, 0, null],
      );
      assert.equal((await senate.read("/api/schemas/loose/compliance")).run_id, loose.run_id);
      for (const path of ["compliance"])
        await problemOf(senate.get(`/api/schemas/nothing/${path}`), 404, "artifact_type_unknown");
      await problemOf(senate.post("/api/schemas/nothing/audit"), 404, "artifact_type_unknown");
      await problemOf(senate.get("/api/schemas/nothing/audit"), 404, "audit_unknown");
    });
  });
}

describe("an audit that is interrupted", () => {
  /** A store that refuses to save a run from the given time on. */
  const failing = (store, from) => {
    let saves = 0;
    return new Proxy(store, {
      get(target, name) {
        if (name === "close") return async () => undefined;
        const value = Reflect.get(target, name);
        if (name !== "transaction") return typeof value === "function" ? value.bind(target) : value;
        return (work) =>
          target.transaction((tx) =>
            work(
              new Proxy(tx, {
                get(inner, step) {
                  const real = Reflect.get(inner, step);
                  if (step !== "saveRun") return typeof real === "function" ? real.bind(inner) : real;
                  return (row) => {
                    saves += 1;
                    if (saves >= from) throw new StoreError("store_unavailable", "the power is gone");
                    return real.call(inner, row);
                  };
                },
              }),
            ),
          );
      },
    });
  };

  async function interrupted(store, from) {
    const senate = await startHost(failing(store, from));
    await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
    for (let index = 0; index < 450; index += 1) {
      await senate.host.artifacts.register({
        id: `n${String(index).padStart(3, "0")}`,
        artifact_type: "note",
        metadata: JSON.stringify({ text: index % 100 === 50 ? "" : "x" }),
        mode: "warn",
      });
    }
    const { run_id } = await senate.send("/api/schemas/note/audit", {});
    const deadline = Date.now() + 20_000;
    while (!senate.logger.lines.some((line) => line.includes("was interrupted"))) {
      assert.ok(Date.now() < deadline, "it was not interrupted");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    // Whoever asks goes on with the run that is there, and comes no further.
    const again = await Promise.all(
      Array.from({ length: 4 }, () => senate.send("/api/schemas/note/audit", {})),
    );
    assert.deepEqual([...new Set(again.map((one) => one.run_id))], [run_id]);
    const { run, findings } = await senate.read("/api/schemas/note/audit");
    return { senate, run_id, run, findings };
  }

  for (const from of [1, 2, 3]) {
    test(`at its batch ${from}: the next host goes on from there, and counts nothing twice`, async () => {
      const store = await openStore("memory:");
      const { senate, run_id, run, findings } = await interrupted(store, from);
      assert.deepEqual([run.state, run.checked], ["running", (from - 1) * 200]);
      assert.equal(findings.length, run.findings, "what it had found before is kept");
      await senate.close();
      const next = await startHost(store, { found: false });
      try {
        const done = await ended(next, "note");
        assert.equal(done.run_id, run_id);
        assert.deepEqual([done.checked, done.valid, done.invalid], [450, 446, 4]);
        const all = await next.read("/api/schemas/note/audit");
        assert.deepEqual(
          all.findings.map((one) => one.artifact_id),
          ["n050", "n150", "n250", "n350"],
        );
      } finally {
        await next.close();
      }
    });
  }

  test("the type has moved on: the run says so, and the compliance is that of the new version", async () => {
    const store = await openStore("memory:");
    const { senate, run_id } = await interrupted(store, 2);
    await senate.close();
    const next = await startHost(failing(store, 1), { found: false });
    // All artifacts become valid, and the type moves to version 2.
    for (const id of ["n050", "n150", "n250", "n350"]) {
      await next.call("PUT", `/api/artifacts/${id}`, { metadata: { text: "mended" }, base_version: 1 });
    }
    const { id, vote } = await next.send("/api/senate/schema-proposal", {
      proposer_id: "ana",
      ...addField({ name: "checked", schema: { type: "boolean" } }),
      open_voting: true,
    });
    for (const voter of ["ana", "ben", "cho"]) await next.vote(id, voter, "yes", vote.subject);
    assert.equal((await next.read("/api/schemas/note")).current.version, 2);
    await next.close();
    const last = await startHost(store, { found: false });
    try {
      const found = await last.read("/api/schemas/note/compliance");
      assert.deepEqual([found.version, found.state, found.valid], [2, "done", 450]);
      assert.notEqual(found.run_id, run_id);
      const { run } = await last.read(`/api/schemas/note/audit?run_id=${run_id}`);
      assert.equal(run.state, "superseded");
    } finally {
      await last.close();
    }
  });

  test("of a run ten thousand findings are kept, and all are counted", async () => {
    const senate = await startHost("memory:");
    try {
      await senate.send("/api/schemas/list", { versions: [{ schema: LIST }], by: "ana" });
      const metadata = JSON.stringify({ items: Array.from({ length: 25 }, () => "wrong") });
      for (let index = 0; index < 510; index += 1)
        await senate.host.artifacts.register({ artifact_type: "list", metadata, mode: "skip" });
      const { invalid, compliance } = await senate.read("/api/schemas/list/compliance");
      assert.deepEqual([invalid, compliance], [510, 0]);
      const { run } = await senate.read("/api/schemas/list/audit?limit=1000&after=9999");
      assert.deepEqual([run.findings, run.findings_kept], [12_750, 10_000]);
    } finally {
      await senate.close();
    }
  });
});
