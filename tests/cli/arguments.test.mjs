/** What is not understood is said in words, with the way out, and nothing is done. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fixture, senate } from "./senate.mjs";

const commands = [
  "serve",
  "import",
  "key",
  "check-draft",
  "check-compat",
  "validate",
  "canonical",
  "digest",
  "tally",
  "propose",
  "revise",
  "open",
  "vote",
  "withdraw",
  "migrate",
  "comment",
  "raise",
  "resolve",
  "override",
  "recuse",
  "appeal",
  "judge",
  "show",
  "list",
  "members",
  "policy",
  "scope",
  "precedents",
  "log",
  "certificate",
  "verify",
  "export",
  "audit",
];

test("--help lists every command, the exit codes and the environment", async () => {
  const { code, stdout, stderr } = await senate(["--help"]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  for (const command of commands) assert.match(stdout, new RegExp(`^  ${command} +\\w`, "m"));
  for (const digit of [0, 1, 2, 3, 4]) assert.match(stdout, new RegExp(`^  ${digit}  `, "m"));
  for (const name of ["SENATE_HOST", "SENATE_AS", "SENATE_KEY", "SENATE_STATE", "DATABASE_URL", "NO_COLOR"])
    assert.ok(stdout.includes(name));
});

for (const command of commands) {
  test(`${command} --help shows its usage, and \`help ${command}\` the same`, async () => {
    const { code, stdout } = await senate([command, "--help"]);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`Usage\\n  senate ${command}`));
    assert.match(stdout, /--help/);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 130, line);
    assert.equal((await senate(["help", command])).stdout, stdout);
  });
}

test("without a command the help goes to standard error, and it is a usage error", async () => {
  const { code, stdout, stderr } = await senate([]);
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /senate <command>/);
});

test("--version names the program's version and the core's", async () => {
  const { code, stdout } = await senate(["--version"]);
  assert.equal(code, 0);
  assert.match(stdout, /^senate \d+\.\d+\.\d+ \(core \d+\.\d+\.\d+\)\n$/);
});

const wrong = [
  [["chek-compat"], /no command `chek-compat`/, /Did you mean `check-compat`\?/],
  [["porpose"], /no command `porpose`/, /Did you mean `propose`\?/],
  [["xyzzy"], /no command `xyzzy`/, /`senate --help` lists/],
  [["--json"], /no option `--json`/, /command comes first/],
  [["check-compat", "--moed", "full"], /no option `--moed`/, /Did you mean `--mode`\?/],
  [["validate", "--zzzzzz"], /no option `--zzzzzz`/, /senate validate --help/],
  [
    ["check-compat", "a", "b", "--mode", "fully"],
    /`--mode fully` is not one of backward, forward, full/,
    /Did you mean `full`\?/,
  ],
  [["check-compat", "a", "b", "--mode"], /`--mode` needs a value/, /--mode MODE/],
  [["vote", "x", "yes", "--as", "--json"], /`--as` needs a value/, /--as=--json/],
  [["check-compat", "a", "b", "--batch=yes"], /`--batch` takes no value/, /only `--batch`/],
  [["check-compat", "a"], /needs NEW/, /senate check-compat OLD NEW/],
  [["check-compat", "a", "b", "c"], /does not know what to do with `c`/, /Usage/],
  [
    ["check-compat", "a", "b", "--assume", "closed_writer"],
    /`--assume closed_writer` is not one of/,
    /`closed_writers`/,
  ],
  [["check-compat", "a", "b", "--steps", "-1"], /needs a value/, undefined],
  [["check-compat", "a", "b", "--steps", "many"], /not a whole number/, undefined],
  [["check-compat", "a", "b", "--json", "--github"], /two forms of one answer/, undefined],
  [["check-compat", "--batch", "--lenient"], /`--batch` takes its questions/, undefined],
  [["check-compat", "--batch", "a"], /`--batch` takes its questions/, undefined],
  [["validate", "a"], /at least one FILE/, /Usage/],
  [["canonical"], /needs FILE/, /Usage/],
  [["digest", "a", "--kind", "schem"], /not one of/, /Did you mean `schema`\?/],
  [["tally", "--track", "additive"], /needs `--track` and `--members`/, undefined],
  [["tally", "--track", "additive", "--members", "-1"], /needs a value/, /--members=-1/],
  [["tally", "--track", "additive", "--members=-1"], /not a whole number from 0 on/, undefined],
  [["tally", "--track", "additive", "--members", "3.5"], /not a whole number/, undefined],
  [["serve", "--port", "65536"], /not a whole number from 0 to 65535/, undefined],
  [["import"], /at least one FILE/, /Usage/],
  [["import", "-"], /no name/, /--type NAME/],
  [["vote", "x", "yse", "--as", "ana"], /`yse` is not a choice/, /Did you mean `yes`\?/],
  [["vote", "x", "perhaps", "--as", "ana"], /not a choice/, /yes, no or abstain/],
  [["vote", "x", "yes"], /Who acts\?/, /SENATE_AS/],
  [["open", "x"], /Who acts\?/, /--as ID/],
  [["withdraw", "x"], /Who acts\?/, /--as ID/],
  [["comment", "x"], /needs TEXT/, /senate comment PROPOSAL TEXT/],
  [["comment", "x", "y", "--document", "next"], /`--document` belongs to/, undefined],
  [["comment", "x", "y", "--at", "/a", "--document", "last"], /not one of next, current/, undefined],
  [["comment", "x", "y"], /Who acts\?/, /--as ID/],
  [["raise", "x", "y"], /needs TEXT/, undefined],
  [["resolve", "x", "c1"], /needs TEXT/, undefined],
  [["override", "x", "c1", "--as", "ana"], /needs a reason/, /--reason TEXT/],
  [["recuse", "x", "--as", "ana", "--reason", " "], /needs a reason/, undefined],
  [["appeal", "x", "--as", "ana"], /needs a reason/, undefined],
  [["judge", "x", "in-scope", "--as", "ana"], /not a verdict/, /Did you mean `in_scope`\?/],
  [["propose", "x", "--addresses", "01"], /does not say what is different/, /PROPOSAL=TEXT/],
  [["scope", "evalute", "x"], /no action `evalute`/, /scope evaluate/],
  [["scope", "evaluate"], /needs DRAFT/, undefined],
  [["scope", "--scope", "x"], /belongs to `senate scope evaluate`/, undefined],
  [["scope", "evaluate", "a", "--scope", "b", "--host", "http://127.0.0.1:1"], /offline/, undefined],
  [["audit", "a", "b"], /reads one log/, undefined],
  [["audit", "a", "--host", "http://127.0.0.1:1"], /without a host/, undefined],
  [["verify"], /needs FILE/, undefined],
  [["certificate"], /needs PROPOSAL/, undefined],
  [["members", "ana"], /does not know what to do with `ana`/, undefined],
  [["show", "a", "b"], /shows one thing/, undefined],
  [["show", "types", "--version", "1"], /`--version` goes with a type/, undefined],
  [["show", "types", "--check"], /`--check` goes with a proposal/, undefined],
  [["show", "--host", "ftp://example.org"], /not the address of a host/, /http:/],
  [["show", "--host", "http://"], /not the address of a host/, /http:/],
  [["list", "--status", "lively"], /not one of live/, /Did you mean `live`\?/],
  [["check-draft", "a", "--members", "3"], /belong to `--schema`/, undefined],
  [["check-draft", "a", "--schema", "b", "--host", "http://127.0.0.1:1"], /works offline/, undefined],
];

for (const [args, sentence, remedy] of wrong) {
  test(`senate ${args.join(" ")} is not understood`, async () => {
    const { code, stdout, stderr } = await senate(args);
    assert.equal(code, 2, stderr);
    assert.equal(stdout.startsWith("{") ? "" : stdout, "");
    const words = args.includes("--json") ? stdout : stderr.replace(/\s+/g, " ");
    assert.match(words, sentence);
    if (remedy !== undefined) assert.match(words, remedy);
    assert.doesNotMatch(words, /\n\s+at /);
  });
}

test("with --json a usage error is one JSON document on standard output", async () => {
  const { code, json, stderr } = await senate(["validate", "--json"]);
  assert.equal(code, 2);
  assert.equal(stderr, "");
  const { ok, problem, problems } = json();
  assert.equal(ok, false);
  assert.equal(problem.code, "usage");
  assert.deepEqual(problems[0], problem);
});

test("a file that is not there, a folder, and standard input twice", async () => {
  const missing = await senate(["canonical", "no-such-file.json"]);
  assert.equal(missing.code, 3);
  assert.match(missing.stderr, /There is no file no-such-file\.json/);
  const folder = await senate(["canonical", fixture("")]);
  assert.equal(folder.code, 3);
  assert.match(folder.stderr, /is a folder/);
  const twice = await senate(["check-compat", "-", "-"], { input: "true" });
  assert.equal(twice.code, 2);
  assert.match(twice.stderr, /only once/);
});

test("colours appear where they are forced, and never with NO_COLOR", async () => {
  const escape = /\u001b\[/;
  assert.doesNotMatch((await senate(["--help"])).stdout, escape);
  assert.match((await senate(["--help"], { env: { FORCE_COLOR: "1" } })).stdout, escape);
  assert.doesNotMatch(
    (await senate(["--help"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } })).stdout,
    escape,
  );
});

test("behind `--` a word that begins with a dash is a file", async () => {
  const { code, stderr } = await senate(["canonical", "--", "--help"]);
  assert.equal(code, 3);
  assert.match(stderr, /There is no file --help/);
});
