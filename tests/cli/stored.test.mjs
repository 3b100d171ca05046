/** How a type's changes are judged, and what is stored under it, through the command line. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fixture, senate, serveThree } from "./senate.mjs";

const [run1, run3] = [1, 3].map((version) => fixture(`run-${version}.schema.json`));

/** A draft for `run` that lets a name have ten characters only. */
const tenCharacters = JSON.stringify({
  proposal_type: "schema_change",
  title: "Short names of runs",
  metadata: {
    target_artifact_type: "run",
    change_type: "modify_field",
    field_spec: { path: "/name", schema: { type: "string", minLength: 1, maxLength: 10 } },
    rationale:
      "Names of runs are cut off in the table of the nightly comparison, so nobody can tell them apart.",
    use_cases: [{ who: "the nightly comparison", need: "to name each run in a column of ten characters" }],
    migration_plan: { none_needed: "Long names are shortened by hand before." },
    backward_compatible: false,
  },
});

describe("a senate with stored runs", () => {
  let host;
  before(async () => {
    host = await serveThree();
    const imported = await run(["import", "--type", "run", run1, "--as", "ana"]);
    assert.equal(imported.code, 0, imported.stderr);
    for (const [id, name] of [
      ["run-1", "short"],
      ["run-2", "a name that is far too long"],
      ["run-3", "tenletters"],
    ]) {
      const response = await fetch(`${host.url}/api/artifacts`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ id, artifact_type: "run", metadata: { name } }),
      });
      assert.equal(response.status, 201);
    }
  });
  after(async () => {
    await host?.stop();
  });
  const run = (args, options = {}) =>
    senate(args, { ...options, env: { SENATE_HOST: host.url, ...options.env } });

  test("import --mode --assume: the type keeps how its changes are judged, and shows it", async () => {
    const args = ["--mode", "full_transitive", "--assume", "closed_writers", "--lenient", "--as", "ana"];
    const imported = await run(["import", "--type", "judged", run1, ...args]);
    assert.equal(imported.code, 0, imported.stderr);
    const shown = (await run(["show", "judged", "--json"])).json();
    assert.deepEqual(shown.compatibility, {
      mode: "full_transitive",
      assumptions: ["closed_writers", "defaults_filled"],
    });
    const words = await run(["show", "judged"]);
    assert.match(words.stdout, /judged +full_transitive, assuming closed_writers, defaults_filled/);
    assert.match((await run(["show", "run"])).stdout, /judged +backward\n/);
    const wrong = await run(["import", "--type", "other", run1, "--mode", "sideways"]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /`--mode sideways` is not one of backward, forward/);
  });

  test("check-draft: the draft is judged as the type says", async () => {
    const onJudged = tenCharacters.replace('"run"', '"judged"').replace("maxLength", "maximum");
    // Compatible both ways: `maximum` says nothing about a text.
    const check = (await run(["check-draft", "-", "--json"], { input: onJudged })).json();
    assert.equal(check.compatibility.mode, "full_transitive");
    assert.equal(check.compatibility.verdict, "compatible");
    const wider = onJudged.replace('"minLength":1', '"minLength":0');
    const widened = await run(["check-draft", "-"], { input: wider });
    assert.match(widened.stdout, /verdict +breaking/);
    assert.match(widened.stdout, /valid under the new schema and refused by the old one/);
    assert.match(widened.stdout, /Refused at \/name: /);
  });

  test("check-draft --stored: what is stored is counted beside the static verdict", async () => {
    const { code, stdout } = await run(["check-draft", "-", "--stored"], { input: tenCharacters });
    assert.equal(code, 0);
    assert.match(stdout, /verdict +breaking/);
    assert.match(stdout, /Stored artifacts: 2 of 3 are valid under version 2\./);
    assert.match(stdout, /run-2 \/name \[schema_max_length\]/);
    const json = (await run(["check-draft", "-", "--stored", "--json"], { input: tenCharacters })).json();
    assert.equal(json.compatibility.verdict, "breaking");
    assert.equal(json.stored_verdict.as_stored.valid, 2);
    const sample = await run(["check-draft", "-", "--stored", "--limit", "1"], { input: tenCharacters });
    assert.match(sample.stdout, /1 of 1 is valid under version 2\.[\s\S]*a sample: the first 1 of 3/);
  });

  test("show PROPOSAL --stored", async () => {
    const proposed = await run(["propose", "-", "--as", "ana", "--json"], { input: tenCharacters });
    const { id } = proposed.json();
    const { code, stdout } = await run(["show", id, "--stored"]);
    assert.equal(code, 0);
    assert.match(stdout, /^Stored artifacts: 2 of 3 are valid under version 2\.\n {2}run-2 \/name/);
    assert.equal((await run(["show", id, "--stored", "--json"])).json().checked, 3);
  });

  test("what does not go together is said", async () => {
    for (const [args, words] of [
      [["show", "run", "--stored"], /`--stored` goes with a proposal/],
      [["show", "run", "--limit", "3"], /`--limit` belongs to `--stored`/],
      [["check-draft", "-", "--stored", "--schema", run3], /`--stored` asks the host/],
      [
        ["check-draft", "-", "--stored", "--limit", "0"],
        /`--limit 0` is not a whole number from 1 to 100000/,
      ],
    ]) {
      const { code, stderr } = await run(args, { input: tenCharacters });
      assert.equal(code, 2, stderr);
      assert.match(stderr, words);
    }
  });
});
