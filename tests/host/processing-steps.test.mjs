// Who made which artifact from which, and whether the same gives the same again.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { canonicalize } from "schema-senate";
import { NOTE, startHost, storeKinds } from "./stage.mjs";

const hashOf = (value) => canonicalize(JSON.stringify(value)).digest;

for (const { kind, skip, open, close } of storeKinds()) {
  describe(`processing steps on ${kind}`, { skip }, () => {
    let senate;
    const note = (id, text = id) =>
      senate.send("/api/artifacts", { id, artifact_type: "note", metadata: { text } });
    const record = (source_artifact_id, target_artifact_id, more = {}) =>
      senate.post("/api/processing-steps", {
        source_artifact_id,
        target_artifact_id,
        step_type: "analysis",
        agent_id: "ana",
        method: "t-test",
        started_ms: 1_000,
        ...more,
      });
    const recorded = async (...args) => {
      const { status, body, text } = await record(...args);
      assert.equal(status, 201, text);
      return body;
    };
    const check = (id, query = "") => senate.read(`/api/artifact/${id}/reproducibility-check${query}`);
    before(async () => {
      senate = await startHost(await open());
      await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
      for (const id of ["data", "a", "b"]) await note(id);
    });
    after(async () => {
      await senate.close();
      await close();
    });

    test("the hashes are those of the stored versions", async () => {
      const step = await recorded("data", "a", {
        completed_ms: 2_000,
        parameters: { alpha: 0.05, groups: ["x", "y"] },
      });
      assert.equal(step.input_hash, hashOf({ text: "data" }));
      assert.equal(step.output_hash, hashOf({ text: "a" }));
      assert.deepEqual([step.source_version, step.target_version], [1, 1]);
      assert.equal(step.parameters_digest, hashOf({ alpha: 0.05, groups: ["x", "y"] }));
      assert.deepEqual(step.parameters, { alpha: 0.05, groups: ["x", "y"] });
    });

    test("the same step again is the one that is there, however its parameters are written", async () => {
      const again = await senate.post(
        "/api/processing-steps",
        `{"parameters":{"groups":["x","y"], "alpha":5.0e-2},"method":"t-test","agent_id":"ana","step_type":"analysis",
          "target_artifact_id":"a","source_artifact_id":"data","started_ms":1000,"completed_ms":2000}`,
      );
      assert.equal(again.status, 201, again.text);
      const { steps } = await senate.read("/api/artifact/a/processing-history");
      assert.equal(steps.length, 1);
      assert.equal(again.body.step_id, steps[0].step_id);
    });

    test("one run is no repetition", async () => {
      const { result, repetitions } = await check("data");
      assert.equal(result, "not_repeated");
      assert.deepEqual(
        repetitions.map((one) => [one.result, one.steps.length]),
        [["not_repeated", 1]],
      );
    });

    test("the same input, method and parameters: the same output, then another one", async () => {
      const parameters = { alpha: 0.05, groups: ["x", "y"] };
      await note("a-again", "a");
      await recorded("data", "a-again", { parameters, started_ms: 5_000, agent_id: "ben" });
      const query = (value) => `?method=t-test&parameters=${encodeURIComponent(JSON.stringify(value))}`;
      const same = await check("data", query({ groups: ["x", "y"], alpha: 0.05 }));
      assert.equal(same.result, "reproduced");
      assert.deepEqual(same.repetitions[0].output_hashes, [hashOf({ text: "a" })]);
      assert.deepEqual(
        same.repetitions[0].steps.map((step) => step.target_artifact_id),
        ["a", "a-again"],
      );
      await recorded("data", "b", { parameters, started_ms: 6_000 });
      const other = await check("data", query(parameters));
      assert.equal(other.result, "diverged");
      assert.equal(other.repetitions[0].output_hashes.length, 2);
      assert.equal(other.repetitions[0].steps.length, 3);
      for (const value of [{ alpha: 0.05 }, { alpha: 0.05, groups: ["y", "x"] }]) {
        assert.deepEqual(await check("data", query(value)), {
          artifact_id: "data",
          result: "not_repeated",
          repetitions: [],
          truncated: false,
        });
      }
      assert.equal((await check("data", "?method=other")).result, "not_repeated");
      assert.equal((await check("data")).result, "diverged", "over every method");
    });

    test("another content of the source is another input", async () => {
      await note("source");
      await note("first");
      await recorded("source", "first", { started_ms: 1 });
      await senate.call("PUT", "/api/artifacts/source", { metadata: { text: "changed" }, base_version: 1 });
      await note("second");
      const later = await recorded("source", "second", { started_ms: 2 });
      assert.deepEqual([later.source_version, later.input_hash], [2, hashOf({ text: "changed" })]);
      const { result, repetitions } = await check("source");
      assert.deepEqual([result, repetitions.length], ["not_repeated", 2]);
      // Somebody repeats the first one, on the version that it was made from.
      const repeat = await recorded("source", "second", { source_version: 1, started_ms: 3 });
      assert.equal(repeat.input_hash, hashOf({ text: "source" }));
      assert.equal((await check("source")).result, "diverged");
    });

    test("the history goes as far as it is asked to, in both directions", async () => {
      for (const id of ["h1", "h2", "h3", "h4"]) await note(id);
      await recorded("h1", "h2");
      await recorded("h2", "h3");
      await recorded("h3", "h4");
      const history = async (id, query) => {
        const { steps, truncated } = await senate.read(`/api/artifact/${id}/processing-history${query}`);
        const ways = steps.map(
          (step) => `${step.source_artifact_id}>${step.target_artifact_id}:${step.depth}`,
        );
        return [ways.sort().join(" "), truncated];
      };
      assert.deepEqual(await history("h2", ""), ["h1>h2:1 h2>h3:1", true]);
      assert.deepEqual(await history("h2", "?direction=ancestors"), ["h1>h2:1", false]);
      assert.deepEqual(await history("h4", "?direction=ancestors&depth=2"), ["h2>h3:2 h3>h4:1", true]);
      assert.deepEqual(await history("h4", "?direction=ancestors&depth=20"), [
        "h1>h2:3 h2>h3:2 h3>h4:1",
        false,
      ]);
      assert.deepEqual(await history("h1", "?direction=descendants&depth=3"), [
        "h1>h2:1 h2>h3:2 h3>h4:3",
        false,
      ]);
      assert.deepEqual(await history("h1", "?direction=ancestors"), ["", false]);
    });

    test("a circle of steps ends", async () => {
      for (const id of ["c1", "c2"]) await note(id);
      await recorded("c1", "c2");
      await recorded("c2", "c1");
      const { steps, truncated } = await senate.read(
        "/api/artifact/c1/processing-history?direction=both&depth=20",
      );
      assert.deepEqual([steps.length, truncated], [2, false]);
      assert.deepEqual(
        steps.map((step) => step.depth),
        [1, 1],
      );
    });

    test("a step whose ends, times or parameters are wrong is refused", async () => {
      for (const [args, code, pointer] of [
        [["nobody", "a"], "artifact_unknown", "/source_artifact_id"],
        [["a", "nobody"], "artifact_unknown", "/target_artifact_id"],
        [["a", "b", { source_version: 9 }], "artifact_version_unknown", "/source_version"],
        [["a", "b", { target_version: 9 }], "artifact_version_unknown", "/target_version"],
        [["a", "b", { completed_ms: 999 }], "step_ends_before_it_starts", "/completed_ms"],
        [["a", "b", { step_type: "magic" }], "schema_enum", "/step_type"],
        [["a", "b", { parameters: [] }], "schema_type", "/parameters"],
        [["a", "b", { input_hash: hashOf({}) }], "schema_additional_properties", ""],
      ]) {
        const { status, body, text } = await record(...args);
        assert.deepEqual([status, body.code, body.problems[0].pointer], [422, code, pointer], text);
      }
      for (const [query, status] of [
        ["?parameters=[]", 422],
        ["?parameters=%7B", 400],
        ["?method=", 400],
      ]) {
        assert.equal(
          (await senate.get(`/api/artifact/a/reproducibility-check${query}`)).status,
          status,
          query,
        );
      }
      for (const path of ["processing-history", "reproducibility-check"]) {
        const { status, body } = await senate.get(`/api/artifact/nobody/${path}`);
        assert.deepEqual([status, body.code], [404, "artifact_unknown"]);
      }
      assert.equal((await senate.get("/api/artifact/a/processing-history?depth=21")).status, 400);
    });
  });
}
