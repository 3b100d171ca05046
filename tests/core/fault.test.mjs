/**
 * When the instance itself breaks: the call throws `core_fault`, the next one works, and handles made before still answer
 * what they answered. The module is a copy of the built one in which some exports trap.
 */
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { before, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as core from "schema-senate/worker";
import { draft, foundedLog, good, signed } from "./cases.mjs";
import { trapping, wasmBytes } from "./module.mjs";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
const count = { track: "additive", members: 3, yes: 1, no: 0, abstain: 0 };

const isFault = (error) => error instanceof core.MisuseError && error.code === "core_fault";

function breakIt() {
  assert.throws(
    () => core.tally(count),
    (error) => isFault(error) && error.cause instanceof WebAssembly.RuntimeError,
  );
}

before(async () => {
  await core.init(trapping(wasmBytes(), ["tally", "batchLine", "senatehandle_apply"]));
});

test("after a trap the next call works", () => {
  const answer = core.canonicalize(good);
  for (let round = 0; round < 20; round++) {
    breakIt();
    assert.deepEqual(core.canonicalize(good), answer);
  }
});

test("a schema answers as before", () => {
  const { schema } = core.Schema.compile(
    { $ref: "https://example.org/a" },
    { references: { "https://example.org/a": { type: "string" } } },
  );
  const said = [schema.validate("1"), schema.isValid('"a"'), schema.digest, schema.draft];
  breakIt();
  assert.deepEqual([schema.validate("1"), schema.isValid('"a"'), schema.digest, schema.draft], said);
  breakIt();
  breakIt();
  assert.deepEqual([schema.validate("1"), schema.isValid('"a"'), schema.digest, schema.draft], said);
  schema.free();
  assert.throws(() => schema.isValid("1"), { code: "freed" });
});

test("freeing what went with a broken instance touches nothing else", () => {
  const old = core.Schema.compile({ type: "string" }).schema;
  breakIt();
  const fresh = Array.from({ length: 50 }, () => core.Schema.compile({ type: "number" }).schema);
  old.free();
  for (const schema of fresh) assert.deepEqual([schema.isValid("1"), schema.isValid('"a"')], [true, false]);
  for (const schema of fresh) schema.free();
});

test("handles that were never freed do not reach into the next instance", async () => {
  for (let round = 0; round < 200; round++) core.Schema.compile({ type: "string" });
  breakIt();
  const { schema } = core.Schema.compile({ type: "number" });
  for (let round = 0; round < 5; round++) {
    collect();
    await turn();
  }
  assert.deepEqual([schema.isValid("1"), schema.isValid('"a"')], [true, false]);
  schema.free();
});

test("a senate keeps its log, and an event that broke it was not applied", async () => {
  const whole = await import("schema-senate/worker");
  assert.equal(whole, core);
  const log = foundedLogWithoutApply();
  const { senate } = core.Senate.replay(log);
  const { seq } = senate;
  const view = senate.view("types", null, 2_000);
  const propose = signed(core, senate, { command: "propose", proposer_id: "ana", ...draft }, 3_000);
  const decision = senate.decide(propose, { nowMs: 3_000 });
  assert.equal(decision.ok, true, JSON.stringify(decision.problems));
  assert.throws(() => senate.apply(decision.events), isFault);
  assert.equal(senate.seq, seq);
  assert.deepEqual(senate.view("types", null, 2_000), view);
  breakIt();
  assert.equal(senate.decide(propose, { nowMs: 3_000 }).ok, true);
  const after = core.Senate.replay(
    [log, ...decision.events.map((event) => JSON.stringify(event))].join("\n"),
  );
  assert.equal(after.senate.seq, seq + decision.events.length);
  senate.free();
  after.senate.free();
});

test("a batch goes on after a line that breaks the core", () => {
  const answer = JSON.parse(core.batchLine("tally", '{"id":"line 7"}'));
  assert.deepEqual([answer.id, answer.error.code], ["line 7", "core_fault"]);
  assert.deepEqual(JSON.parse(core.batchLine("tally", "{")).id, null);
  assert.equal(core.canonicalize(good).ok, true);
});

test("an exhausted stack breaks one call at most", () => {
  const { schema } = core.Schema.compile({ type: "array", items: { $ref: "#" } });
  const nested = "[".repeat(100) + "]".repeat(100);
  let faults = 0;
  // Calls from the deepest frame upwards, until there is enough stack to get through.
  const dive = () => {
    try {
      dive();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      try {
        schema.validate(nested);
        return;
      } catch (inner) {
        if (isFault(inner)) faults += 1;
        else if (!(inner instanceof RangeError)) throw inner;
      }
      throw error;
    }
  };
  dive();
  assert.ok(faults > 0, "no call ran out of stack inside the core");
  assert.deepEqual(schema.validate(nested), { valid: true, errors: [] });
  assert.equal(core.canonicalize(good).ok, true);
  schema.free();
});

/** In this module apply always traps, so the log is built by replaying. */
function foundedLogWithoutApply() {
  const replaying = {
    signingBytes: core.signingBytes,
    Senate: {
      replay(text) {
        let log = text;
        return {
          senate: {
            decide(command, at) {
              const { senate } = core.Senate.replay(log);
              const decision = senate.decide(command, at);
              senate.free();
              return decision;
            },
            view(name, params, nowMs) {
              const { senate } = core.Senate.replay(log);
              const answer = senate.view(name, params, nowMs);
              senate.free();
              return answer;
            },
            apply(events) {
              log = `${log}\n${events}`;
              return { ok: true };
            },
            free() {},
          },
        };
      },
    },
  };
  return foundedLog(replaying);
}
