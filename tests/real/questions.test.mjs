/**
 * The labelled compatibility questions of the reference data, through the command line's batch forms.
 *
 * The data lies outside the repository: SENATE_REFERENCE_DATA, else ../shared/data beside it. Undecided is an allowed
 * answer, a wrong one is not, and every witness must be one.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { senate } from "../cli/senate.mjs";

const root = dirname(fileURLToPath(new URL("../../package.json", import.meta.url)));
const folder = process.env.SENATE_REFERENCE_DATA ?? join(root, "..", "shared", "data");

/** The members of a flat JSON line as their texts: what `JSON.parse` would round must reach the core as written. */
function membersOf(line) {
  const members = new Map();
  let at = line.indexOf("{") + 1;
  const space = () => {
    while (" \t".includes(line[at])) at += 1;
  };
  const string = () => {
    const start = at;
    for (at += 1; line[at] !== '"'; at += 1) if (line[at] === "\\") at += 1;
    at += 1;
    return line.slice(start, at);
  };
  const value = () => {
    const start = at;
    for (let depth = 0; ;) {
      const char = line[at];
      if (char === '"') string();
      else if (depth === 0 && (char === "," || char === "}")) return line.slice(start, at).trimEnd();
      else {
        if (char === "{" || char === "[") depth += 1;
        if (char === "}" || char === "]") depth -= 1;
        at += 1;
      }
    }
  };
  for (space(); line[at] === '"'; space()) {
    const name = JSON.parse(string());
    space();
    at += 1;
    space();
    members.set(name, value());
    if (line[at] === ",") at += 1;
    space();
  }
  return members;
}

const object = (members) => `{${members.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`;

async function batch(kind, lines) {
  const { code, stdout, stderr } = await senate([kind, "--batch"], { input: lines.join("\n") });
  assert.equal(code, 0, stderr);
  const answers = stdout.trimEnd().split("\n");
  assert.equal(answers.length, lines.length);
  return answers;
}

/** Which of the witnesses are valid under `old` and invalid under `new`. */
async function confirmed(witnesses) {
  const lines = witnesses.flatMap(({ id, draft, old, new: next, witness }) =>
    [old, next].map((schema) =>
      object([
        ["id", id],
        ["schema", schema],
        ["instance", witness],
        ["draft", draft],
      ]),
    ),
  );
  const answers = (await batch("validate", lines)).map((line) => JSON.parse(line));
  return witnesses.filter(
    (_, index) => answers[2 * index].valid === true && answers[2 * index + 1].valid === false,
  );
}

/**
 * Labelled compatible and refuted. In the first the referenced schema holds the `not` itself, so a tree with a leaf tree inside
 * is valid under the old schema, and the new one is `false`; in the second a pattern evaluates a name that the rewritten schema
 * does not list. Their witnesses are confirmed below like every other.
 */
const REFUTED = new Set([
  "containment-suite-2020-12|unsatisfiable/ref/12|s1_sub_s2",
  "uneval-elimination|exp_20/manual_elim|s1_sub_s2",
]);

for (const [file, least] of [
  // Floors under what was reached when this was written, so that a loss of strength is noticed.
  ["questions.jsonl", { compatible: 0.99, breaking: 0.99 }],
  ["hard-questions.jsonl", { compatible: 0.95, breaking: 0.95 }],
]) {
  const path = join(folder, "compatibility", file);
  const skip = existsSync(path)
    ? false
    : `no reference data: ${path} is not there (set SENATE_REFERENCE_DATA)`;
  test(`${file}: no wrong verdict, and every witness is one`, { skip, timeout: 900_000 }, async (t) => {
    const questions = readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => Object.fromEntries(membersOf(line)));
    assert.ok(questions.length > 50);
    const started = performance.now();
    const lines = await batch(
      "check-compat",
      questions.map((question) =>
        object(["id", "old", "new", "draft"].map((name) => [name, question[name]])),
      ),
    );
    const seconds = (performance.now() - started) / 1_000;
    const answers = lines.map((line) => JSON.parse(line));
    assert.deepEqual(
      answers.map(({ id }) => id),
      questions.map(({ id }) => JSON.parse(id)),
    );
    const failed = answers.filter(({ error }) => error !== undefined);
    assert.deepEqual(failed.slice(0, 5), [], `${failed.length} questions were not answered`);

    const wrong = answers.filter(
      ({ id, verdict }, index) =>
        !REFUTED.has(id) && verdict === (questions[index].compatible === "true" ? "breaking" : "compatible"),
    );
    assert.deepEqual(
      wrong.map(({ id, verdict }) => [id, verdict]),
      [],
    );

    const witnesses = answers.flatMap((answer, index) =>
      "witness" in answer ? [{ ...questions[index], witness: membersOf(lines[index]).get("witness") }] : [],
    );
    const good = new Set((await confirmed(witnesses)).map(({ id }) => id));
    assert.deepEqual(
      witnesses.filter(({ id }) => !good.has(id)).map(({ id }) => id),
      [],
      "witnesses that are none",
    );
    // The labels' own witnesses were confirmed by other validators: ours must see them the same way.
    const given = questions.filter((question) => "witness" in question);
    const agreed = new Set((await confirmed(given)).map(({ id }) => id));
    assert.deepEqual(
      given.filter(({ id }) => !agreed.has(id)).map(({ id }) => id),
      [],
    );

    const share = (label, verdict) => {
      const of = answers.filter((_, index) => questions[index].compatible === label);
      return [of.filter((answer) => answer.verdict === verdict).length, of.length];
    };
    const [proved, compatible] = share("true", "compatible");
    const [broken, breaking] = share("false", "breaking");
    t.diagnostic(
      `${file}: ${proved} of ${compatible} compatible proved, ${broken} of ${breaking} breaking found, ` +
        `${witnesses.length} witnesses confirmed, 0 wrong, ${seconds.toFixed(1)} s`,
    );
    assert.ok(
      proved >= least.compatible * compatible && broken >= least.breaking * breaking,
      "fewer decided than before",
    );
  });
}
