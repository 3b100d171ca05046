/** Every "no", each followed by one good call. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as core from "schema-senate";
import { badTexts, draft, foundedLog, good, misuses } from "./cases.mjs";

const { Migration, MisuseError, Schema, Senate } = core;
const plan = {
  artifact_type: "run",
  from_version: 1,
  to_version: 2,
  strategy: "batch",
  transforms: [],
  inverse: [],
  columns: [],
  sql: { postgresql: { up: [], down: [] }, sqlite: { up: [], down: [] } },
  lint: [],
  reversible: true,
  declared: { none_needed: "nothing changes" },
  notes: [],
};
const answerOfGood = {
  ok: true,
  canonical: '{"a":null,"b":[1,"é"]}',
  digest: core.canonicalize(good).digest,
};

function stillWorks() {
  assert.deepEqual(core.canonicalize(good), answerOfGood);
}

function misuse(code, work) {
  assert.throws(work, (error) => {
    assert.ok(error instanceof MisuseError, `${error}`);
    assert.ok(error instanceof TypeError);
    assert.equal(error.name, "MisuseError");
    assert.equal(error.code, code, error.message);
    return true;
  });
  stillWorks();
}

describe("texts that are no JSON are refused by value", () => {
  let schema, senate, context, migration;
  before(() => {
    schema = Schema.compile(true).schema;
    migration = Migration.compile(plan).migration;
    senate = Senate.replay(foundedLog(core)).senate;
    context = senate.view("context", { artifact_type: "run" }, 2_000).view;
  });
  after(() => {
    schema.free();
    migration.free();
    senate.free();
  });

  /** Each function, and where its answer has the code. */
  const functions = {
    canonicalize: (text) => core.canonicalize(text).problem.code,
    digest: (text) => core.digest(text, "schema").problem.code,
    "Schema.compile": (text) => core.Schema.compile(text).problems[0].code,
    "schema.validate": (text) => schema.validate(text).errors[0].code,
    "checkCompatibility, old": (text) => core.checkCompatibility(text, "{}").problems[0].code,
    "checkCompatibility, new": (text) => core.checkCompatibility("{}", text).problems[0].code,
    checkDraft: (text) => core.checkDraft(text, context).problems[0].code,
    "migrateArtifact, artifact": (text) => core.migrateArtifact(plan, text).problem.code,
    "migration.up": (text) => migration.up(text).problem.code,
    "migration.down": (text) => migration.down(text).problem.code,
    "migration.verify, before": (text) => migration.verify(text, "{}").problem.code,
    "migration.verify, after": (text) => migration.verify("{}", text).problem.code,
    restoreArtifact: (text) => core.restoreArtifact("{}", "{}", text).problem.code,
    "suggestMigration, old": (text) => core.suggestMigration(text, "{}").problems[0].code,
    "suggestMigration, new": (text) => core.suggestMigration("{}", text).problems[0].code,
    "senate.upcast": (text) => senate.upcast("run", 1, 1, text).problem.code,
    tally: (text) => core.tally(text).problem.code,
  };
  // A command, a plan or an event holds several documents, so it may be larger than one.
  const larger = {
    reference: (text) =>
      Schema.compile("{}", { references: { "https://example.org/a": text } }).problems[0].code,
    "migrateArtifact, plan": (text) => core.migrateArtifact(text, "{}").problem.code,
    "Migration.compile": (text) => Migration.compile(text).problem.code,
    planMigration: (text) => core.planMigration(text).problems[0].code,
    "senate.decide": (text) => senate.decide(text, { nowMs: 2_000 }).problem.code,
  };

  for (const [what, text, code] of badTexts) {
    test(what, () => {
      for (const [name, codeOf] of Object.entries(functions)) {
        assert.equal(codeOf(text), code, name);
        stillWorks();
      }
      assert.equal(schema.isValid(text), false);
      assert.equal(schema.isValid("{}"), true);
      for (const [name, codeOf] of Object.entries(larger)) {
        if (code !== "json_too_large") assert.equal(codeOf(text), code, name);
      }
      // Without parameters is as good as with none.
      const viewed = senate.view("types", text, 2_000);
      assert.equal(viewed.problem?.code, text === "" ? undefined : code);
      assert.equal(senate.view("senate", null, 2_000).ok, true);
    });
  }

  test("integers that are hashed", () => {
    assert.equal(core.canonicalize("9007199254740992").problem.code, "json_unsafe_integer");
    assert.equal(core.canonicalize("9007199254740991").ok, true);
    assert.equal(schema.isValid("9007199254740993"), true);
    stillWorks();
  });

  test("a log", () => {
    assert.equal(Senate.replay("{").ok, false);
    assert.equal(Senate.replay("\ud800").ok, false);
    assert.equal(Senate.replay(new Uint8Array([0xff])).ok, false);
    const log = foundedLog(core);
    assert.equal(Senate.replay(log.slice(0, -1)).ok, false);
    assert.equal(Senate.replay(log.split("\n").slice(1).join("\n")).ok, false, "a gap");
    stillWorks();
  });

  test("events that do not follow", () => {
    const { seq } = senate;
    assert.equal(senate.apply('{"seq":99}').ok, false);
    assert.equal(senate.apply([{ seq: seq + 1, at_ms: 1, event: "nothing_known" }]).ok, false);
    assert.equal(senate.seq, seq);
    stillWorks();
  });
});

describe("misuse is thrown, and the next call works", () => {
  for (const [what, value] of misuses) {
    test(what, () => {
      const { schema } = Schema.compile("{}");
      misuse("misuse", () => core.canonicalize(value));
      misuse("misuse", () => core.digest(value));
      misuse("misuse", () => Schema.compile(value));
      misuse("misuse", () => schema.validate(value));
      misuse("misuse", () => schema.isValid(value));
      misuse("misuse", () => core.checkCompatibility("{}", value));
      misuse("misuse", () => core.checkDraft(draft, value));
      misuse("misuse", () => core.migrateArtifact(value, "{}"));
      misuse("misuse", () => Migration.compile(value));
      misuse("misuse", () => core.restoreArtifact("{}", "{}", value));
      misuse("misuse", () => core.suggestMigration("{}", value));
      misuse("misuse", () => core.planMigration(value));
      misuse("misuse", () => Senate.replay(value));
      misuse("misuse", () => core.batchLine("validate", value));
      misuse("misuse", () => Schema.compile("{}", { references: { "https://example.org/": value } }));
      assert.equal(schema.isValid("1"), true);
      schema.free();
    });
  }

  test("an object is no log and no batch line", () => {
    misuse("misuse", () => Senate.replay({}));
    misuse("misuse", () => core.batchLine("validate", {}));
  });

  test("options", () => {
    misuse("misuse", () => Schema.compile("{}", { dialect: "draft7" }));
    misuse("misuse", () => Schema.compile("{}", { formats: "strict" }));
    misuse("misuse", () => Schema.compile("{}", { formats: true }));
    misuse("misuse", () => Schema.compile("{}", { draft: 7 }));
    misuse("misuse", () => Schema.compile("{}", { draft: { toJSON: () => "draft7" } }));
    misuse("misuse", () => Schema.compile("{}", { references: ["{}"] }));
    misuse("misuse", () => Schema.compile("{}", { references: "{}" }));
    misuse("misuse", () => core.checkCompatibility("{}", "{}", { assume: ["closed_writers"] }));
    misuse("misuse", () => core.checkCompatibility("{}", "{}", { assumptions: "closed_writers" }));
    misuse("misuse", () => core.checkCompatibility("{}", "{}", { assumptions: [1] }));
    misuse("misuse", () => core.checkCompatibility("{}", "{}", { formats: "strict" }));
    misuse("misuse", () => core.checkCompatibility("{}", "{}", { steps: -1 }));
    misuse("misuse", () => core.checkCompatibility("{}", "{}", { steps: 0.5 }));
    misuse("misuse", () => core.checkCompatibility("{}", "{}", { history: "{}" }));
    misuse("misuse", () => core.checkCompatibility("{}", "{}", { history: [7] }));
    misuse("misuse", () => core.checkCompatibility("{}", "{}", "backward"));
    misuse("misuse", () => core.digest("{}", 7));
    misuse("misuse", () => core.publishedSchema("nothing"));
    misuse("misuse", () => core.publishedSchema());
    misuse("misuse", () => core.batchLine(undefined, "{}"));
    assert.throws(() => Schema.compile("{}", { dialect: "draft7" }), {
      message: "unknown option `dialect`; there are `draft`, `formats`, `references`",
    });
  });

  test("values that are no option are answered", () => {
    assert.equal(Schema.compile("{}", { draft: "draft3" }).ok, false);
    assert.equal(core.checkCompatibility("{}", "{}", { mode: "sideways" }).ok, false);
    const [problem] = core.checkCompatibility("{}", "{}", { assumptions: ["lenient"] }).problems;
    assert.equal(problem.code, "assumption_unknown");
    const smuggled = core.checkCompatibility("{}", "{}", { history: ["true", "true],[true"] });
    assert.equal(smuggled.ok, false);
    assert.ok(smuggled.problems[0].pointer.startsWith("/history/1"), JSON.stringify(smuggled));
    const noSchema = core.checkCompatibility("{}", "{}", { history: ["{}", '{"type":7}'] });
    assert.ok(noSchema.problems[0].pointer.startsWith("/history/1/type"), JSON.stringify(noSchema));
    assert.equal(core.digest("{}", "nothing").ok, false);
    stillWorks();
  });

  test("absent and undefined options are the same", () => {
    for (const options of [undefined, {}, { draft: undefined, formats: undefined, references: undefined }]) {
      const { ok, schema } = Schema.compile("{}", options);
      assert.equal(ok, true);
      schema.free();
    }
    const nothing = { mode: undefined, assumptions: undefined, history: undefined, steps: undefined };
    assert.equal(core.checkCompatibility("{}", "{}", nothing).report.verdict, "compatible");
  });

  test("time and entropy", () => {
    const { senate } = Senate.replay("");
    const wrong = [
      undefined,
      null,
      {},
      { nowMs: -1 },
      { nowMs: 1.5 },
      { nowMs: NaN },
      { nowMs: Infinity },
      { nowMs: "1" },
      { nowMs: 2 ** 53 },
    ];
    for (const at of wrong) {
      misuse("misuse", () => core.newId(at));
      misuse("misuse", () => senate.decide({ command: "settle" }, at));
    }
    for (const entropy of [
      "",
      "00",
      "0".repeat(19),
      "0".repeat(21),
      "g".repeat(20),
      "+1".repeat(10),
      "é".repeat(10),
      7,
    ]) {
      misuse("misuse", () => core.newId({ nowMs: 1, entropy }));
    }
    misuse("misuse", () => core.newId({ nowMs: 1, now: 1 }));
    for (const now of [undefined, -1, 1.5, NaN, "1", 1n])
      misuse("misuse", () => senate.view("senate", null, now));
    senate.free();
  });

  test("handles are made by the core", () => {
    misuse("misuse", () => new Schema());
    misuse("misuse", () => new Senate());
    misuse("misuse", () => new Migration());
    misuse("misuse", () => new Schema(Symbol("made by the core")));
  });

  test("what a getter or toJSON throws stays recognisable", () => {
    const boom = new Error("boom");
    const hostile = {
      get a() {
        throw boom;
      },
    };
    assert.throws(
      () => core.canonicalize(hostile),
      (error) => error.code === "misuse" && error.cause === boom,
    );
    assert.throws(
      () =>
        Schema.compile("{}", {
          get draft() {
            throw boom;
          },
        }),
      boom,
    );
    stillWorks();
  });
});

test("a prototype cannot be set by an answer", () => {
  const text = '{"__proto__":{"polluted":true}}';
  assert.equal(core.canonicalize(text).canonical, text);
  const migrated = core.migrateArtifact(plan, text);
  assert.equal(Object.getPrototypeOf(migrated.artifact), Object.prototype);
  assert.deepEqual(Object.keys(migrated.artifact), ["__proto__"]);
  assert.equal({}.polluted, undefined);
});
