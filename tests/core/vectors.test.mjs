/** The committed vectors through the package: the same texts, digests and refusals as natively. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  batchLine,
  canonicalize,
  checkCompatibility,
  defaultPolicy,
  digest,
  migrateArtifact,
  tally,
} from "schema-senate";
import { inputOf, vectorsOf } from "./cases.mjs";

const bytes = (input) => (typeof input === "string" ? new TextEncoder().encode(input) : input);

test("accepted texts have their canonical text and digest, as a string and as bytes", () => {
  const cases = vectorsOf("text/accepted");
  assert.ok(cases.length >= 30);
  for (const { name, canonical, digest, ...input } of cases) {
    const text = inputOf(input);
    assert.deepEqual(canonicalize(text), { ok: true, canonical, digest }, name);
    assert.deepEqual(canonicalize(bytes(text)), { ok: true, canonical, digest }, name);
  }
});

test("refused texts are refused with the same problem at the same place", () => {
  const cases = vectorsOf("text/refused").filter(
    ({ limits, integers }) => limits === undefined && integers !== "any",
  );
  assert.ok(cases.length >= 30);
  for (const { name, problem, ...input } of cases) {
    assert.deepEqual(canonicalize(inputOf(input)), { ok: false, problem }, name);
  }
});

test("digests carry their kind", () => {
  const cases = vectorsOf("text/digests");
  assert.ok(cases.length >= 5);
  for (const { name, kind, text, digest: expected } of cases) {
    assert.deepEqual(digest(text, kind), { ok: true, digest: expected }, name);
  }
});

test("policies are read and refused as natively", () => {
  const count = { track: "additive", members: 6, yes: 4, no: 1, abstain: 0 };
  for (const { name, policy, given, digest: expected } of vectorsOf("policy/accepted")) {
    assert.deepEqual(digest(policy, "policy"), { ok: true, digest: expected }, name);
    assert.equal(tally({ ...count, policy: given }).ok, true, name);
  }
  for (const { name, given, problems } of vectorsOf("policy/refused")) {
    const { ok, problem } = tally({ ...count, policy: given });
    assert.deepEqual([ok, problem?.code], [false, problems[0].code], name);
  }
  const { policy } = vectorsOf("policy/accepted").find(({ name }) => name === "default_in_full");
  assert.deepEqual(defaultPolicy(), policy);
});

test("plans rewrite artifacts as natively", () => {
  const cases = vectorsOf("migration");
  assert.ok(cases.length >= 8);
  for (const { name, artifact_type, transforms, artifacts } of cases) {
    const plan = {
      artifact_type,
      from_version: 1,
      to_version: 2,
      strategy: "batch",
      transforms,
      inverse: [],
      columns: [],
      sql: { postgresql: { up: [], down: [] }, sqlite: { up: [], down: [] } },
      lint: [],
      reversible: true,
      declared: { none_needed: "a vector" },
      notes: [],
    };
    for (const { before, after, changed } of artifacts) {
      const migrated = migrateArtifact(plan, before);
      assert.deepEqual([migrated.ok, migrated.artifact, migrated.changed], [true, after, changed], name);
    }
  }
});

test("modes and assumptions answer as natively, as a line and as a call", () => {
  const cases = vectorsOf("modes");
  assert.ok(cases.length >= 8);
  for (const { name, line, verdict, against, witness, ruled_out, witnesses } of cases) {
    const answer = JSON.parse(batchLine("check-compat", JSON.stringify({ id: name, ...line })));
    assert.deepEqual([answer.verdict, answer.against], [verdict, against], name);
    const hidden = answer.ruled_out ?? [];
    assert.deepEqual(
      hidden.map(({ assumption }) => assumption),
      ruled_out,
      name,
    );
    if (witness !== undefined) assert.deepEqual(answer.witness, witness, name);
    if (witnesses !== undefined)
      assert.deepEqual(
        hidden.map((one) => one.witness),
        witnesses,
        name,
      );
    const { old, new: next, ...options } = line;
    const { report } = checkCompatibility(JSON.stringify(old), JSON.stringify(next), options);
    assert.deepEqual({ id: name, ...report }, answer, name);
  }
});
