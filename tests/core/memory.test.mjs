/** Memory of the instance: what a call takes, it gives back, also when it says no. */
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as core from "schema-senate";
// Already initialised by the package: it answers with the instance's exports.
import { initSync } from "../../pkg/core/wasm/schema_senate.js";
import { badTexts, draft, foundedLog, misuses } from "./cases.mjs";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

const size = () => initSync().memory.buffer.byteLength;
const PAGE = 65_536;

/** Runs the work often enough to settle, then often, and wants the memory unchanged but for two pages. */
function assertSteady(work, rounds = 400) {
  for (let round = 0; round < 40; round++) work();
  const before = size();
  for (let round = 0; round < rounds; round++) work();
  const grown = (size() - before) / PAGE;
  assert.ok(grown <= 2, `grew by ${grown} pages in ${rounds} rounds`);
}

function thrown(work) {
  try {
    work();
  } catch {
    return;
  }
  assert.fail("did not throw");
}

test("texts that are refused", () => {
  const { schema } = core.Schema.compile({ type: "object" });
  const texts = badTexts.map(([, text]) => text).filter((text) => text.length < 100_000);
  assertSteady(() => {
    for (const text of texts) {
      core.canonicalize(text);
      core.Schema.compile(text);
      schema.validate(text);
      core.tally(text);
      core.batchLine("validate", text);
      core.Senate.replay(text === "" ? "{" : text);
      core.checkCompatibility("{}", text);
    }
  }, 100);
  schema.free();
});

test("a large text once is the largest there will be", () => {
  const large = JSON.stringify({ text: "x".repeat(7_000_000) });
  const deep = "[".repeat(1_000_000);
  assertSteady(() => {
    assert.equal(core.canonicalize(large).ok, true);
    assert.equal(core.canonicalize(deep).ok, false);
  }, 20);
});

test("misuse and options that are refused", () => {
  const { senate } = core.Senate.replay("");
  assertSteady(() => {
    for (const [, value] of misuses) thrown(() => core.canonicalize(value));
    thrown(() => core.Schema.compile("{}", { formats: "no" }));
    thrown(() => core.Schema.compile("{}", { nothing: 1 }));
    thrown(() => core.newId({ nowMs: 1, entropy: "no" }));
    thrown(() => senate.decide({ command: "settle" }, { nowMs: -1 }));
    thrown(() => senate.view("senate", null, -1));
  });
  senate.free();
});

test("handles that are freed", () => {
  const log = foundedLog(core);
  assertSteady(() => {
    const { schema } = core.Schema.compile({ type: "object", properties: { a: { pattern: "^a+$" } } });
    schema.validate({ a: "b" });
    schema.free();
    const { senate } = core.Senate.replay(log);
    senate.decide({ command: "propose", proposer_id: "ana", ...draft }, { nowMs: 5_000 });
    senate.decide({ command: "propose", proposer_id: "nobody", ...draft }, { nowMs: 5_000 });
    senate.view("proposal", { proposal_id: "none" }, 5_000);
    senate.free();
  }, 200);
});

test("handles that nobody freed are collected", async () => {
  const round = async () => {
    for (let made = 0; made < 50; made++)
      core.Schema.compile({ type: "object", properties: { a: { pattern: "^a+$" } } });
    collect();
    await turn();
    collect();
    await turn();
  };
  for (let settling = 0; settling < 4; settling++) await round();
  const before = size();
  for (let rounds = 0; rounds < 12; rounds++) await round();
  const grown = (size() - before) / PAGE;
  assert.ok(grown <= 60, `grew by ${grown} pages over 600 schemas`);
});
