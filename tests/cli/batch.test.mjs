/** One line in, one line out, in order: what scripts and other test suites rely on. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { senate, start } from "./senate.mjs";

const lines = (stdout) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

async function batch(kind, input) {
  const { code, stdout, stderr } = await senate([kind, "--batch"], { input });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  return lines(stdout);
}

test("check-compat answers verdict, witness and differences, in order", async () => {
  const answers = await batch(
    "check-compat",
    [
      { id: "a", old: { type: "string" }, new: { type: "string", minLength: 3 }, draft: "draft7" },
      { id: 2, old: { type: "integer" }, new: { type: "number" } },
      { id: null, old: true, new: { not: { const: null } } },
      { id: "d", old: { enum: [false] }, new: false },
    ]
      .map((line) => JSON.stringify(line))
      .join("\n"),
  );
  assert.deepEqual(
    answers.map(({ id, verdict }) => [id, verdict]),
    [
      ["a", "breaking"],
      [2, "compatible"],
      [null, "breaking"],
      ["d", "breaking"],
    ],
  );
  assert.ok(typeof answers[0].witness === "string" && answers[0].witness.length < 3);
  assert.ok(!("witness" in answers[1]));
  assert.ok("witness" in answers[2]);
  assert.equal(answers[3].witness, false);
  for (const { differences } of answers) assert.ok(Array.isArray(differences));
  assert.ok(answers[0].differences.length > 0);
});

test("validate, with the dialect of the question", async () => {
  const schema = { type: "integer" };
  const question = (id, draft) =>
    JSON.stringify({ id, schema, instance: "DRAFT", draft }).replace('"DRAFT"', "1.0");
  const answers = await batch("validate", `${question("four", "draft4")}\n${question("six", "draft6")}\n`);
  assert.deepEqual(
    answers.map(({ id, valid, errors }) => [id, valid, errors.length]),
    [
      ["four", false, 1],
      ["six", true, 0],
    ],
  );
});

test("tally counts each line", async () => {
  const answers = await batch(
    "tally",
    '{"id": 1, "track": "additive", "members": 6, "yes": 4, "no": 0, "abstain": 0}\n' +
      '{"id": 2, "track": "breaking", "members": 6, "yes": 5, "no": 0, "abstain": 0}\n' +
      '{"id": 3, "track": "additive", "members": 2, "yes": 2, "no": 0, "abstain": 0}\n' +
      '{"id": 4, "track": "additive", "members": 4, "yes": 3, "no": 1, "abstain": 0, "policy": {"tracks": {"additive": {"num": 1, "den": 1}}}}\n' +
      '{"id": 5, "track": "additive", "members": 3, "yes": 4, "no": 0, "abstain": 0}\n',
  );
  assert.deepEqual(
    answers.slice(0, 4).map(({ id, outcome, needed, decided }) => [id, outcome, needed, decided]),
    [
      [1, "approved", 0, true],
      [2, "pending", 1, false],
      [3, "rejected", null, true],
      [4, "rejected", null, true],
    ],
  );
  assert.equal(answers[4].id, 5);
  assert.equal(typeof answers[4].error.code, "string");
});

test("the text of a line reaches the core untouched", async () => {
  const texts = [
    "1",
    "1.0",
    "1e2",
    "-0",
    "9007199254740991",
    "9007199254740993",
    '{"a":1,"a":2}',
    '"\\ud83d"',
    '"\\ud83d\\ude00"',
  ];
  const answers = await batch("canonical", texts.map((text, id) => JSON.stringify({ id, text })).join("\n"));
  assert.deepEqual(
    answers.map(({ id }) => id),
    texts.map((_, id) => id),
  );
  assert.deepEqual(
    answers.map(({ canonical, error }) => canonical ?? error.code.split("_")[0]),
    ["1", "1", "100", "0", "9007199254740991", "json", "json", "json", '"😀"'],
  );
  // Not only inside a text: what the line itself says is the core's to judge, too.
  const schema = '{"const": 9007199254740993}';
  const [exact, neighbour] = await batch(
    "validate",
    `{"id": 1, "schema": ${schema}, "instance": 9007199254740993}\n{"id": 2, "schema": ${schema}, "instance": 9007199254740992}\n`,
  );
  assert.equal(exact.valid, true, JSON.stringify(exact));
  assert.equal(neighbour.valid, false, "9007199254740992 was rounded on its way");
});

test("a line that is wrong is answered with an error, and the next one is answered", async () => {
  const wrong = [
    "{",
    '{"id": 7, "text": }',
    '{"id": 8, "id": 9, "text": "1"}',
    "[1]",
    "null",
    '{"id": 10}',
    '{"id": 11, "text": 1}',
    '{"id": "\\ud800", "text": "1"}',
  ];
  const input = wrong
    .flatMap((line, index) => [line, `{"id": "after ${index}", "text": "[${index}]"}`])
    .join("\n");
  const answers = await batch("canonical", input);
  assert.equal(answers.length, wrong.length * 2);
  for (const [index] of wrong.entries()) {
    const { error } = answers[2 * index];
    assert.equal(typeof error?.code, "string", JSON.stringify(answers[2 * index]));
    assert.equal(typeof error.message, "string");
    assert.deepEqual(
      [answers[2 * index + 1].id, answers[2 * index + 1].canonical],
      [`after ${index}`, `[${index}]`],
    );
  }
  assert.equal(answers[2 * wrong.indexOf('{"id": 10}')].id, 10);
});

test("what a line holds beside its question is passed over and named", async () => {
  const [answer] = await batch("canonical", '{"id": 12, "text": "1", "more": true}');
  assert.equal(answer.canonical, "1");
  assert.deepEqual(answer.ignored, ["more"]);
});

test("bytes that are not UTF-8, and a byte order mark, are the core's to refuse", async () => {
  const input = Buffer.concat([
    Buffer.from('{"id": 1, "text": "'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('"}\n'),
    Buffer.from([0xef, 0xbb, 0xbf]),
    Buffer.from('{"id": 2, "text": "1"}\n{"id": 3, "text": "1"}'),
  ]);
  const answers = await batch("canonical", input);
  assert.equal(answers.length, 3);
  assert.ok(answers[0].error.code.startsWith("json_"));
  assert.ok(answers[1].error.code.startsWith("json_"));
  assert.equal(answers[2].canonical, "1");
});

test("\\r\\n, blank lines and a last line without an end", async () => {
  const answers = await batch("canonical", '\r\n{"id": 1, "text": "1"}\r\n\n   \t\r\n{"id": 2, "text": "2"}');
  assert.deepEqual(
    answers.map(({ id, canonical }) => [id, canonical]),
    [
      [1, "1"],
      [2, "2"],
    ],
  );
});

test("no input, no answers", async () => {
  for (const input of ["", "\n", "\r\n\r\n"]) {
    const { code, stdout } = await senate(["canonical", "--batch"], { input });
    assert.deepEqual([code, stdout], [0, ""]);
  }
});

test("a line that arrives in pieces, cut inside a character", async () => {
  const child = start(["canonical", "--batch"]);
  const answer = once(createInterface({ input: child.stdout }), "line");
  for (const byte of Buffer.from('{"id": "€", "text": "\\"😀\\""}\n')) {
    child.stdin.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { id, canonical } = JSON.parse((await answer)[0]);
  assert.deepEqual([id, canonical], ["€", '"😀"']);
  child.stdin.end();
  assert.deepEqual(await once(child, "close"), [0, null]);
});

test("each answer comes before the next question is asked", async () => {
  const child = start(["canonical", "--batch"]);
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  for (let id = 0; id < 5; id += 1) {
    child.stdin.write(`{"id": ${id}, "text": "[${id}]"}\n`);
    const { value } = await answers.next();
    assert.equal(JSON.parse(value).canonical, `[${id}]`);
  }
  child.stdin.end();
  assert.deepEqual(await once(child, "close"), [0, null]);
});

test("100,000 lines, answered in order while the reader is slow", { timeout: 120_000 }, async () => {
  const total = 100_000;
  const child = start(["canonical", "--batch"]);
  const text = JSON.stringify(JSON.stringify({ b: "x".repeat(200), a: 1 }));
  let written = 0;
  const writing = (async () => {
    for (let id = 0; id < total; id += 1) {
      if (!child.stdin.write(`{"id": ${id}, "text": ${text}}\n`)) await once(child.stdin, "drain");
      written = id + 1;
    }
    child.stdin.end();
  })();
  // Nobody reads yet. A program that collects its input would take all of it now; this one takes what pipes hold.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.ok(written < total / 2, `${written} of ${total} lines were taken although nobody reads the answers`);
  let next = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const { id, canonical } = JSON.parse(line);
    assert.equal(id, next);
    if (next === 0) assert.equal(canonical, `{"a":1,"b":"${"x".repeat(200)}"}`);
    next += 1;
  }
  await writing;
  assert.equal(next, total);
});

test("a reader that stops early ends the batch without a stack trace", async () => {
  const child = start(["canonical", "--batch"]);
  child.stdin.on("error", () => {});
  let stderr = "";
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const closed = once(child, "close");
  const line = `{"id": 1, "text": "${"9".repeat(10)}"}\n`.repeat(1_000);
  child.stdout.once("data", () => child.stdout.destroy());
  for (let round = 0; round < 200 && child.exitCode === null; round += 1) {
    if (!child.stdin.write(line)) await Promise.race([once(child.stdin, "drain"), closed]).catch(() => {});
  }
  child.stdin.end();
  const [code] = await closed;
  assert.equal(code, 3);
  assert.equal(stderr, "");
});
