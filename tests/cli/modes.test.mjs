/** check-compat over a history, under assumptions, and as workflow commands of GitHub. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { senate } from "./senate.mjs";

const object = (properties, more = {}) => ({ type: "object", properties, ...more });
const schemas = {
  v1: object({ a: { type: "string" } }),
  v2: object({ a: { type: "integer" } }),
  v3: object({ a: { type: "number" } }),
  with_b: object({ a: { type: "number" }, b: { type: "string", default: "" } }, { required: ["b"] }),
  text: { type: "string" },
  address: { type: "string", format: "ipv4" },
};

let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "senate-modes-"));
  for (const [name, schema] of Object.entries(schemas))
    await writeFile(join(folder, `${name}.json`), JSON.stringify(schema, null, 2));
});
after(() => rm(folder, { recursive: true }));

const compare = (words, options) =>
  senate(["check-compat", ...words.split(" ")], { cwd: folder, ...options });

test("a transitive mode finds the version that breaks, a plain one asks the last only", async () => {
  const plain = await compare("v2.json v3.json --history v1.json --json");
  assert.equal(plain.code, 0, plain.stdout);
  assert.equal(plain.json().against, 1);
  const { code, json } = await compare("v2.json v3.json --history v1.json --mode backward_transitive --json");
  assert.equal(code, 1);
  const report = json();
  assert.deepEqual([report.verdict, report.mode, report.against], ["breaking", "backward_transitive", 0]);
  assert.equal(typeof report.witness.a, "string");
  const words = await compare("v2.json v3.json --history v1.json --mode full_transitive");
  assert.match(words.stdout, /^breaking \(full_transitive\)/);
  assert.match(words.stdout, /Compared with v[12]\.json\./);
});

test("an assumption shows what it leaves out of account", async () => {
  assert.equal((await compare("v3.json with_b.json")).code, 1);
  assert.equal((await compare("v3.json with_b.json --assume defaults_filled")).code, 1);
  const lenient = await compare("v3.json with_b.json --lenient --json");
  assert.equal(lenient.code, 0, lenient.stdout);
  const { assumptions, ruled_out } = lenient.json();
  assert.deepEqual(assumptions, ["closed_writers", "defaults_filled"]);
  assert.deepEqual(
    ruled_out.map(({ assumption, witness }) => [assumption, "b" in witness]),
    [
      ["closed_writers", true],
      ["defaults_filled", false],
    ],
  );
  for (const { witness } of ruled_out) {
    const input = JSON.stringify(witness);
    assert.equal((await senate(["validate", "v3.json", "-"], { input, cwd: folder })).code, 0);
    assert.equal((await senate(["validate", "with_b.json", "-"], { input, cwd: folder })).code, 1);
  }
  assert.match((await compare("v3.json with_b.json --lenient")).stdout, /closed_writers/);
});

test("formats assert when asked, and a budget is kept", async () => {
  assert.equal((await compare("text.json address.json")).code, 0);
  assert.equal((await compare("text.json address.json --formats assertion")).code, 1);
  const { code, stdout } = await compare("v2.json v3.json --steps 0");
  assert.equal(code, 1);
  assert.match(stdout, /undecided/i);
  assert.match(stdout, /step budget/);
});

test("--github marks the lines of the new schema", async () => {
  const { code, stdout } = await compare("v3.json with_b.json --github");
  assert.equal(code, 1);
  const lines = stdout.trimEnd().split("\n");
  assert.match(lines[0], /^::error file=with_b\.json,line=1,col=1,title=breaking::.*Witness: /);
  const text = JSON.stringify(schemas.with_b, null, 2).split("\n");
  const places = lines.slice(1).map((line) => {
    const [, at, column] = /^::error file=with_b\.json,line=(\d+),col=(\d+),title=[a-z_]+::\S/.exec(line);
    return text[at - 1].slice(column - 1);
  });
  assert.ok(
    places.some((place) => place.startsWith('"b"')),
    stdout,
  );
  assert.equal((await compare("v2.json v3.json --github")).stdout, "");
});

test("--github escapes what would end a property or a message", async () => {
  const name = "a,b:100%.json";
  const odd = object({ "x%\n::y": { enum: ["1%"] } });
  await writeFile(join(folder, name), `\n${JSON.stringify(odd)}`);
  const { stdout } = await senate(["check-compat", "v3.json", name, "--github"], { cwd: folder });
  for (const line of stdout.trimEnd().split("\n")) {
    assert.match(line, /^::error file=a%2Cb%3A100%25\.json,line=\d+,col=\d+,title=\w+::/);
    assert.ok(!/%(?!25|0A|0D|2C|3A)/.test(line), line);
  }
  const piped = await senate(["check-compat", "v3.json", "-", "--github"], {
    cwd: folder,
    input: JSON.stringify(odd),
  });
  assert.match(piped.stdout, /^::error title=breaking::/);
});

test("a line of a batch has the same options, and the same answer", async () => {
  const line = {
    id: 1,
    old: schemas.v3,
    new: schemas.with_b,
    history: [schemas.v2],
    mode: "backward_transitive",
    assumptions: ["closed_writers", "defaults_filled"],
    formats: "annotation",
    steps: 100000,
  };
  const bad = [
    { ...line, mode: "sideways" },
    { ...line, assumptions: ["lenient"] },
    { ...line, assumptions: [7] },
    { ...line, formats: "strict" },
    { ...line, steps: -1 },
    { ...line, history: [{ type: 7 }] },
  ];
  const input = [line, ...bad].map((one) => JSON.stringify(one)).join("\n");
  const { stdout } = await senate(["check-compat", "--batch"], { input });
  const [answer, ...refused] = stdout
    .trimEnd()
    .split("\n")
    .map((one) => JSON.parse(one));
  const single = await compare(
    "v3.json with_b.json --history v2.json --mode backward_transitive --lenient --steps 100000 --json",
  );
  assert.deepEqual(answer, { id: 1, ...single.json() });
  assert.deepEqual(
    refused.map(({ error }) => [error.code, error.pointer]),
    [
      ["mode_unknown", "/mode"],
      ["assumption_unknown", "/assumptions"],
      ["member_type", "/assumptions"],
      ["formats_unknown", "/formats"],
      [refused[4].error.code, "/steps"],
      [refused[5].error.code, "/history/0/type"],
    ],
  );
});
