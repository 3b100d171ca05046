/** Places and edits in JSON texts, and line differences: the ground that the draft editor stands on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pageModule, random } from "./modules.mjs";

const { parse, find, nearest, indexOfByte } = await pageModule("json/spans.ts");
const { put, drop } = await pageModule("json/edit.ts");
const { compare, hunks } = await pageModule("json/lines.ts");
const { segments, join } = await pageModule("json/pointer.ts");
const { DraftText } = await pageModule("draft/text.ts");
const { placesByLine } = await pageModule("json/places.ts");
const { withMembers } = await pageModule("api/acts.ts");
const { fieldsOf } = await pageModule("json/fields.ts");

function anyJson(dice, depth = 0) {
  const kind = dice.below(depth > 3 ? 5 : 7);
  if (kind === 0) return null;
  if (kind === 1) return dice.below(2) === 0;
  if (kind === 2) return dice.pick([0, -1.5, 1e21, 42, 1e-7]);
  if (kind <= 4) return dice.pick(["", "a", 'quote " and \\ back', "ü", "😀", "line\nbreak", "a/b~c"]);
  const size = dice.below(4);
  if (kind === 5) return Array.from({ length: size }, () => anyJson(dice, depth + 1));
  const keys = ["a", "b/c", "d~e", "", "ü", "x y"];
  return Object.fromEntries(Array.from({ length: size }, () => [dice.pick(keys), anyJson(dice, depth + 1)]));
}

function places(value, pointer = "") {
  const here = [[pointer, value]];
  if (typeof value !== "object" || value === null) return here;
  return [...here, ...Object.entries(value).flatMap(([key, inner]) => places(inner, pointer + join(key)))];
}

test("each line of a document that was laid out names the value that begins on it", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const value = { root: anyJson(random(seed)) };
    const text = JSON.stringify(value, null, 2);
    const lines = placesByLine(text);
    assert.equal(lines.length, text.split("\n").length, `seed ${seed}`);
    const named = lines.filter((place) => place !== undefined);
    // Laid out so, every value begins on a line of its own: each is named once, in order.
    assert.deepEqual(
      named,
      places(value).map(([pointer]) => pointer),
      `seed ${seed}`,
    );
    text.split("\n").forEach((line, at) => {
      if (/^\s*[}\]],?$/.test(line)) assert.equal(lines[at], undefined, `seed ${seed} line ${at}`);
    });
  }
  assert.deepEqual(placesByLine("{"), []);
});

test("members are put into the text of an object, and the rest stays as it was written", () => {
  assert.equal(withMembers('{"a": 1.0}', { b: "x" }), '{"b": "x", "a": 1.0}');
  assert.equal(withMembers(" { } ", { b: 1 }), '{"b": 1 } ');
  assert.equal(withMembers('{"a": 1}', {}), '{"a": 1}');
  assert.equal(withMembers("[1]", { b: 1 }), "[1]");
  // What the text says itself is not overwritten: two members of one name are for the core to refuse.
  assert.equal(withMembers('{"by": "eve"}', { by: "ada" }), '{"by": "ada", "by": "eve"}');
});

test("every value of a text is found at its pointer", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const dice = random(seed);
    const value = anyJson(dice);
    const text = JSON.stringify(value, null, dice.below(3));
    const parsed = parse(text);
    assert.ok(parsed.ok, text);
    for (const [pointer, expected] of places(value)) {
      const node = find(parsed.root, pointer);
      assert.deepEqual(JSON.parse(text.slice(node.start, node.end)), expected, `seed ${seed} ${pointer}`);
    }
  }
});

test("what JSON.parse refuses is refused, at a place in the text", () => {
  const broken = [
    "",
    "{",
    "[1,]",
    '{"a":1,}',
    '{"a" 1}',
    "01",
    "1.",
    "nul",
    '"a',
    '"\\x"',
    '"\n"',
    "{} {}",
    "[",
    '{"a":',
    "{a:1}",
    "+1",
  ];
  for (const text of broken) {
    assert.throws(() => JSON.parse(text), text);
    const parsed = parse(text);
    assert.equal(parsed.ok, false, text);
    assert.ok(parsed.at >= 0 && parsed.at <= text.length, text);
  }
  assert.equal(parse('{"a": tru}').at, 6);
  assert.equal(parse("[".repeat(5000)).ok, false);
});

test("a missing member is shown at the object that lacks it", () => {
  const text = '{"a": {"b": 1}}';
  const { root } = parse(text);
  assert.equal(nearest(root, "/a/c/d").start, text.indexOf('{"b"'));
  assert.equal(nearest(root, "").start, 0);
});

test("byte offsets become places in the string", () => {
  const text = 'ü€😀a"';
  for (let index = 0; index < text.length; index += 1) {
    if (index === 3) continue; // the second half of a surrogate pair has no byte of its own
    const bytes = new TextEncoder().encode(text.slice(0, index)).length;
    assert.equal(indexOfByte(text, bytes), index);
  }
});

test("an edit changes one value and leaves the rest as it was written", () => {
  const text = '{\n  "n": 1.0,\n  "big": 12345678901234567890,\n  "o": { "x": 1 }\n}';
  const set = put(text, "/o/x", "2");
  assert.equal(set, text.replace('"x": 1', '"x": 2'));
  assert.match(put(text, "/o/y", '"new"'), /1\.0[\s\S]*12345678901234567890[\s\S]*"y": "new"/);
  assert.equal(JSON.parse(put("{}", "/a/b/c", "1")).a.b.c, 1);
  assert.equal(drop('{"a": 1, "b": 2, "c": 3}', "/b"), '{"a": 1, "c": 3}');
  assert.equal(drop('{"a": 1, "b": 2}', "/a"), '{"b": 2}');
  assert.equal(drop('{"a": 1}', "/a"), "{}");
  assert.equal(drop("[1, 2, 3]", "/1"), "[1, 3]");
});

test("edits agree with the same edits of the value", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const dice = random(seed);
    const value = { root: anyJson(dice) };
    const inner = places(value).filter(([pointer]) => pointer !== "");
    const [pointer] = dice.pick(inner);
    const path = segments(pointer);
    const last = path.pop();
    const holder = (of) => path.reduce((here, segment) => here[segment], of);

    const replaced = structuredClone(value);
    const other = anyJson(dice);
    holder(replaced)[last] = other;
    const text = JSON.stringify(value, null, 2);
    assert.deepEqual(
      JSON.parse(put(text, pointer, JSON.stringify(other, null, 2))),
      replaced,
      `seed ${seed}`,
    );

    const dropped = structuredClone(value);
    const from = holder(dropped);
    if (Array.isArray(from)) from.splice(Number(last), 1);
    else delete from[last];
    assert.deepEqual(JSON.parse(drop(text, pointer)), dropped, `seed ${seed} drop ${pointer}`);
  }
});

test("a draft keeps what is typed, JSON or not, and what it was not asked to touch", () => {
  const draft = DraftText.of(
    '{\n  "keep": 1.0,\n  "spec": {\n    "schema": {\n      "type": "string"\n    }\n  }\n}',
  );
  assert.equal(draft.source("/spec/schema"), '{\n  "type": "string"\n}');

  const half = draft.type("/spec/schema", '{"type": ');
  assert.equal(half.source("/spec/schema"), '{"type": ');
  assert.match(half.text, /"schema": \{"type": \n/);
  assert.match(half.text, /"keep": 1\.0/);
  assert.ok(half.hasForm);

  const other = half.set("/title", "T");
  assert.match(other.text, /\{"type": \n/, "an unfinished value survives edits elsewhere");
  const whole = other.type("/spec/schema", '{"type": "integer"}');
  assert.deepEqual(JSON.parse(whole.text), { keep: 1, spec: { schema: { type: "integer" } }, title: "T" });

  const nothing = DraftText.of("[1]");
  assert.equal(nothing.hasForm, false);
  assert.equal(nothing.text, "[1]");
});

test("a line difference gives back both texts, in order", () => {
  for (let seed = 1; seed <= 400; seed += 1) {
    const dice = random(seed);
    const lines = () => Array.from({ length: dice.below(14) }, () => dice.pick(["a", "b", "c", "d"]));
    const old = lines().join("\n");
    const now = lines().join("\n");
    const result = compare(old, now);
    const side = (kind) =>
      result
        .filter((line) => line.kind === "same" || line.kind === kind)
        .map((line) => line.text)
        .join("\n");
    assert.equal(side("removed"), old, `seed ${seed}`);
    assert.equal(side("added"), now, `seed ${seed}`);
    assert.deepEqual(
      hunks(result).flatMap((hunk) => hunk.lines),
      result,
      `seed ${seed}: folding loses nothing`,
    );
  }
});

test("a line difference is no longer than it must be", () => {
  const longestCommon = (a, b) => {
    const rows = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0));
    for (let i = 1; i <= a.length; i += 1)
      for (let j = 1; j <= b.length; j += 1)
        rows[i][j] =
          a[i - 1] === b[j - 1] ? rows[i - 1][j - 1] + 1 : Math.max(rows[i - 1][j], rows[i][j - 1]);
    return rows[a.length][b.length];
  };
  for (let seed = 1; seed <= 200; seed += 1) {
    const dice = random(seed);
    const lines = () => Array.from({ length: 1 + dice.below(12) }, () => dice.pick(["a", "b", "c"]));
    const [old, now] = [lines(), lines()];
    const same = compare(old.join("\n"), now.join("\n")).filter((line) => line.kind === "same").length;
    assert.equal(same, longestCommon(old, now), `seed ${seed}: ${old} | ${now}`);
  }
});

test("a difference of two long texts that share nothing ends soon, and is true", () => {
  const old = Array.from({ length: 5000 }, (_, at) => `old ${at}`);
  const now = Array.from({ length: 5000 }, (_, at) => `new ${at}`);
  const started = performance.now();
  const result = compare(old.join("\n"), now.join("\n"));
  assert.equal(result.length, 10_000);
  assert.ok(performance.now() - started < 5000);
});

test("fields are listed through references, arrays and parts, and recursion ends", () => {
  const fields = fieldsOf({
    properties: {
      design: { $ref: "#/$defs/design" },
      columns: {
        type: "array",
        items: { type: "object", properties: { dtype: { enum: ["a"] } }, required: ["dtype"] },
      },
      "a/b": { type: ["string", "null"] },
    },
    required: ["design"],
    $defs: {
      design: {
        type: "object",
        properties: { within: { $ref: "#/$defs/design" }, arms: { type: "integer" } },
      },
    },
    allOf: [{ properties: { more: true } }],
  });
  const paths = fields.map((field) => field.path);
  for (const path of ["/design", "/design/arms", "/columns", "/columns/*/dtype", "/a~1b", "/more"]) {
    assert.ok(paths.includes(path), `${path} in ${paths}`);
  }
  const at = (path) => fields.find((field) => field.path === path);
  assert.equal(at("/design").required, true);
  assert.equal(at("/design").isObject, true);
  assert.equal(at("/columns").type, "array of object");
  assert.equal(at("/columns/*/dtype").required, true);
  assert.equal(at("/a~1b").type, "string or null");
  assert.ok(fields.length < 50);
});
