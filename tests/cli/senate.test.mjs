/** A senate's life through the command line: import, draft, propose, vote, decide, look back. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { fixture, nowhere, senate, serveThree } from "./senate.mjs";

const addHost = fixture("add-host.draft.json");
const shortenName = fixture("shorten-name.draft.json");

describe("a senate of three", () => {
  let host;
  before(async () => {
    host = await serveThree();
  });
  after(async () => {
    await host?.stop();
  });
  const run = (args, options = {}) =>
    senate(args, { ...options, env: { SENATE_HOST: host.url, ...options.env } });
  const json = async (args, options) => {
    const result = await run([...args, "--json"], options);
    return { ...result, answer: result.json() };
  };

  test("serve --json names the address and the senate", () => {
    assert.match(host.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(host.started.senate.origin, "senate.test");
    assert.deepEqual(
      host.started.senate.members.map(({ id }) => id),
      ["ana", "ben", "eva"],
    );
  });

  test("an empty registry is shown as such", async () => {
    const { code, stdout } = await run(["show", "types"]);
    assert.equal(code, 0);
    assert.match(stdout, /^None\. `senate import/);
    assert.deepEqual((await json(["show", "types"])).answer.types, []);
  });

  test("import: a history becomes one type", async () => {
    const files = [1, 2].map((version) => fixture(`run-${version}.schema.json`));
    const { code, answer, stderr } = await json(["import", "--type", "run", files[0], "--as", "ana"]);
    assert.equal(code, 0, stderr);
    assert.equal(answer.types[0].artifact_type, "run");
    assert.equal(answer.types[0].version, 1);
    const history = await json([
      "import",
      "--type",
      "run_history",
      ...files,
      "--description",
      "first",
      "--description",
      "with host",
      "--as",
      "ana",
    ]);
    assert.equal(history.answer.types[0].version, 2);
    const shown = await json(["show", "run_history"]);
    assert.deepEqual(
      shown.answer.history.map(({ version, description, is_current }) => [version, description, is_current]),
      [
        [1, "first", false],
        [2, "with host", true],
      ],
    );
    assert.ok(shown.answer.history[1].differences.length > 0);
  });

  test("import: files without --type are types of their own, with what they refer to", async () => {
    const refs = ["--ref", fixture("units.SNAPSHOT.schema.json"), "--ref", fixture("integer.json")];
    const { code, stdout, stderr } = await run([
      "import",
      fixture("sample.schema.json"),
      fixture("dated.json"),
      ...refs,
      "--as",
      "ben",
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /registered sample, 1 version, sha256:[0-9a-f]{64}/);
    assert.match(stdout, /registered dated, 1 version/);
    assert.match(stderr, /no schema refers to .*integer\.json/);
    const { answer } = await json(["show", "sample"]);
    assert.deepEqual(Object.keys(answer.current.references), [
      "https://senate.test/published/units.SNAPSHOT.schema.json",
    ]);
  });

  test("import: numbers keep their spelling up to the core", async () => {
    const { code, answer } = await json(["import", "--type", "big", "-", "--as", "ana"], {
      input: '{"maximum": 9007199254740993}',
    });
    assert.equal(code, 1);
    assert.equal(answer.problem.code, "json_unsafe_integer");
  });

  test("import: an existing type, a bad schema and a bad name are refused with reasons", async () => {
    const again = await run(["import", "--type", "run", fixture("run-2.schema.json"), "--as", "ana"]);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /^error .*\[\w+\]\n {2}\S/);
    assert.doesNotMatch(again.stderr, /\n\s+at /);
    const bad = await run(["import", "--type", "bad", "-", "--as", "ana"], {
      input: '{"properties": {"a": {"type": "strin"}}}',
    });
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /\/properties\/a\/type/);
    const name = ["import", "--type", "not a name!", fixture("dated.json"), "--as", "ana"];
    assert.equal((await run(name)).code, 1);
    assert.equal((await json(["show", "types"])).answer.types.length, 4);
  });

  test("check-draft against the host's schema", async () => {
    const good = await json(["check-draft", addHost]);
    assert.equal(good.code, 0);
    assert.equal(good.answer.needed.of, 3);
    assert.equal(good.answer.needed.yes, 2);
    const unknown = await readFile(addHost, "utf8").then((text) => text.replace('"run"', '"rnu"'));
    const bad = await json(["check-draft", "-"], { input: unknown });
    assert.equal(bad.code, 1);
    assert.ok(bad.answer.problems.some(({ pointer }) => pointer === "/metadata/target_artifact_type"));
  });

  test("approved: propose, open, vote, and the next version is current", async () => {
    const proposed = await json(["propose", addHost, "--as", "ana"]);
    assert.equal(proposed.code, 0);
    const { id } = proposed.answer;
    assert.equal(proposed.answer.status, "review");
    const early = await json(["vote", id, "yes", "--as", "ben"]);
    assert.equal(early.code, 1);
    assert.equal(early.answer.problem.code, "vote_not_open");

    const opened = await run(["open", id, "--as", "ana"]);
    assert.equal(opened.code, 0, opened.stderr);
    assert.match(opened.stdout, new RegExp(`^${id}  voting: `));

    const first = await run(["vote", id, "yes", "--as", "ana"]);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /subject +sha256:[0-9a-f]{64}/);
    assert.match(first.stdout, /1 more needed/);
    assert.equal((await run(["show", id, "--check"])).code, 1);

    const stranger = await json(["vote", id, "yes", "--as", "zoe"]);
    assert.equal(stranger.code, 1);
    assert.match(stranger.answer.problem.message, /zoe/);
    const twice = await json(["vote", id, "no", "--as", "ana", "--reason", "On reflection."]);
    assert.equal(twice.code, 1);
    const other = await json(["vote", id, "yes", "--as", "ben", "--subject", `sha256:${"0".repeat(64)}`]);
    assert.equal(other.code, 1);
    assert.equal(other.answer.problem.code, "subject_differs");

    const last = await json(["vote", id, "yes"], { env: { SENATE_AS: "ben" } });
    assert.equal(last.code, 0);
    assert.equal(last.answer.status, "active");
    assert.equal(last.answer.migration.state, "applied");
    assert.equal((await run(["show", id, "--check"])).code, 0);

    const { answer } = await json(["show", "run"]);
    assert.equal(answer.current.version, 2);
    assert.equal(answer.current.proposal_id, id);
    assert.deepEqual(answer.current.schema.properties.host, { type: "string" });
    const old = await run(["show", "run", "--version", "1"]);
    assert.equal(old.code, 0);
    assert.equal(JSON.parse(old.stdout).properties.host, undefined);

    const shown = await run(["show", id.toLowerCase()]);
    assert.equal(shown.code, 0);
    for (const words of [
      "Record the machine of a run",
      "active",
      "ana",
      "Rationale",
      "Vote",
      "Migration",
      "History",
    ]) {
      assert.ok(shown.stdout.includes(words), words);
    }
  });

  test("rejected: unanimity fails on one no, whose reason stays in the archive", async () => {
    const { code, answer } = await json(["propose", shortenName, "--as", "ben", "--open"]);
    assert.equal(code, 0);
    assert.equal(answer.status, "voting");
    assert.equal(answer.track, "breaking");
    assert.equal(answer.vote.tally.threshold, 3);
    const mute = await json(["vote", answer.id, "no", "--as", "eva"]);
    assert.equal(mute.code, 1, "a no needs a reason");
    const reason = "The report can shorten names itself.";
    const no = await run(["vote", answer.id, "no", "--as", "eva", "--reason", reason]);
    assert.equal(no.code, 0, no.stderr);
    assert.match(no.stdout, /rejected/);
    const archive = await run(["show", "archive"]);
    assert.match(archive.stdout, new RegExp(`${answer.id} {2}rejected`));
    const list = await json(["list", "--status", "rejected", "--type", "run"]);
    assert.deepEqual(
      list.answer.proposals.map(({ id, status }) => [id, status]),
      [[answer.id, "rejected"]],
    );
    const shown = await run(["show", answer.id]);
    assert.ok(shown.stdout.includes(reason));
    assert.equal((await run(["show", answer.id, "--check"])).code, 1);
  });

  test("withdrawn by its proposer only", async () => {
    const draft = JSON.parse(await readFile(addHost, "utf8"));
    draft.metadata.field_spec.name = "cpu";
    draft.proposer_id = "eva";
    const { answer } = await json(["propose", "-"], { input: JSON.stringify(draft) });
    assert.equal(answer.proposer_id, "eva");
    assert.equal((await run(["withdraw", answer.id, "--as", "ana"])).code, 1);
    const withdrawn = await run(["withdraw", answer.id, "--as", "eva", "--reason", "The host says it."]);
    assert.equal(withdrawn.code, 0, withdrawn.stderr);
    assert.match(withdrawn.stdout, /withdrawn/);
    const differs = await run(["propose", "-", "--as", "ana"], { input: JSON.stringify(draft) });
    assert.equal(differs.code, 2);
    assert.match(differs.stderr, /names `eva`/);
  });

  test("propose: what is refused is refused with place and remedy, in words and as a document", async () => {
    const words = await run(["propose", fixture("vague.draft.json"), "--as", "ana"]);
    assert.equal(words.code, 1);
    assert.match(words.stderr, /\/metadata\/backward_compatible/);
    assert.doesNotMatch(words.stderr, /\n\s+at /);
    const { code, answer } = await json(["propose", fixture("vague.draft.json"), "--as", "ana"]);
    assert.equal(code, 1);
    assert.equal(answer.ok, false);
    assert.ok(answer.problems.length > 1);
    const broken = await run(["propose", "-", "--as", "ana"], { input: '{"metadata":' });
    assert.equal(broken.code, 1);
    assert.match(broken.stderr, /error standard input/);
    const list = await run(["propose", "-", "--as", "ana"], { input: "[]" });
    assert.equal(list.code, 1);
    assert.match(list.stderr, /^error/);
  });

  test("show, list and log", async () => {
    const overview = await run(["show"]);
    assert.equal(overview.code, 0);
    for (const words of [
      "senate.test",
      "ana, ben, eva",
      "Rules",
      "Artifact types (4)",
      "Live proposals (0)",
    ]) {
      assert.ok(overview.stdout.includes(words), `${words} in ${overview.stdout}`);
    }
    assert.equal((await json(["show"])).answer.origin, "senate.test");
    const page = await json(["list", "--limit", "2"]);
    assert.equal(page.answer.proposals.length, 2);
    const next = await json(["list", "--limit", "2", "--cursor", page.answer.next_cursor]);
    assert.equal(next.answer.proposals.length, 1);
    assert.match((await run(["list", "--text", "machine"])).stdout, /Record the machine/);
    assert.equal((await run(["list", "--proposer", "nobody"])).stdout, "No proposals.\n");

    const log = await run(["log"]);
    assert.equal(log.code, 0);
    const events = log.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_, index) => index + 1),
    );
    assert.equal(events[0].event, "senate_founded");
    assert.ok(events.some(({ event }) => event === "schema_proposal_approved"));
    assert.ok(events.some(({ event }) => event === "schema_proposal_rejected"));
    const tail = await run(["log", "--from", String(events.length)]);
    assert.equal(tail.stdout.trimEnd(), log.stdout.trimEnd().split("\n").at(-1));
  });

  test("what is not there is a no, not a fault", async () => {
    for (const args of [
      ["show", "no_such_type"],
      ["show", "01ARZ3NDEKTSV4RRFFQ69G5FAV"],
      ["show", "run", "--version", "99"],
    ]) {
      const { code, answer } = await json(args);
      assert.equal(code, 1, args.join(" "));
      assert.equal(answer.ok, false);
      assert.equal(typeof answer.problem.code, "string");
    }
    assert.equal((await run(["open", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--as", "ana"])).code, 1);
  });

  test("words of others cannot steer the terminal", async () => {
    const draft = JSON.parse(await readFile(addHost, "utf8"));
    draft.title = "\u001b[2J\u001b]0;owned\u0007Harmless";
    draft.metadata.field_spec.name = "gpu";
    const { code, stdout } = await run(["propose", "-", "--as", "ana"], { input: JSON.stringify(draft) });
    if (code === 0) {
      const id = stdout.match(/[0-9A-Z]{26}/)[0];
      const shown = await run(["show", id]);
      assert.ok(!shown.stdout.includes("\u001b"), "an escape sequence came through");
      assert.ok(shown.stdout.includes("\\u001b[2J"));
      await run(["withdraw", id, "--as", "ana"]);
    } else {
      // The core may refuse such a title; then it names the place.
      assert.equal(code, 1);
    }
  });
});

test("a host that is not there: exit 3, the address and what to do", async () => {
  const address = await nowhere();
  for (const args of [
    ["show"],
    ["list"],
    ["log"],
    ["propose", addHost, "--as", "ana"],
    ["check-draft", addHost],
  ]) {
    const { code, stderr } = await senate([...args, "--host", address]);
    assert.equal(code, 3, args.join(" "));
    const words = stderr.replace(/\s+/g, " ");
    assert.ok(words.includes(`No host answers at ${address}: the connection was refused.`), words);
    assert.match(words, /senate serve/);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
  const { code, json } = await senate(["show", "--host", address, "--json"]);
  assert.equal(code, 3);
  assert.equal(json().problem.code, "host_unreachable");
});

test("something else at the address is not taken for a host", async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/api/senate" ? 200 : 404, { "content-type": "text/html" });
    response.end("<h1>Hello</h1>");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const host = ["--host", `http://127.0.0.1:${server.address().port}`];
    for (const args of [["show"], ["show", "types"], ["list"]]) {
      const { code, stderr } = await senate([...args, ...host]);
      assert.equal(code, 3, args.join(" "));
      assert.match(stderr, /error \[host_unreachable\]/);
      assert.doesNotMatch(stderr, /\n\s+at /);
    }
  } finally {
    server.close();
  }
});
