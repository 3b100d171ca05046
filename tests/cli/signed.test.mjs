/** A senate whose members sign every act with keys of their own, through the command line. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { environment, fixture, keysOf, senate, serve } from "./senate.mjs";

const addHost = fixture("add-host.draft.json");
const shortenName = fixture("shorten-name.draft.json");
const one = (text) => text.replace(/\s+/g, " ");

describe("a senate that takes signed acts only", () => {
  let folder;
  let keys;
  let host;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "senate-signed-"));
    keys = await keysOf(folder, [
      { id: "ana" },
      { id: "ben" },
      { id: "eva" },
      { id: "dan", role: "contributor", principal: "ana" },
    ]);
    const policy = join(folder, "policy.json");
    await writeFile(policy, JSON.stringify({ live_per_proposer: 20 }));
    host = await serve([
      "--memory",
      "--members",
      keys.members,
      "--origin",
      "signed.test/life",
      "--policy",
      policy,
    ]);
    const imported = await as("ana", ["import", "--type", "run", fixture("run-1.schema.json")]);
    assert.equal(imported.code, 0, imported.stderr);
  });
  after(async () => {
    await host?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const run = (args, options = {}) =>
    senate(args, { ...options, env: { SENATE_HOST: host.url, ...options.env } });
  /** With the key of a member; the key says who acts. */
  const as = (id, args, options) => run([...args, "--key", keys.file(id)], options);
  const json = async (id, args, options) => {
    const { code, stdout, stderr } = await as(id, [...args, "--json"], options);
    assert.equal(code, 0, stdout + stderr);
    return JSON.parse(stdout);
  };
  const refused = async (id, args, code, options) => {
    const result = await as(id, [...args, "--json"], options);
    assert.equal(result.code, 1, result.stdout + result.stderr);
    assert.equal(result.json().problem.code, code, result.stdout);
    return result.json().problem;
  };
  const draftOf = async (name) => {
    const draft = JSON.parse(await readFile(addHost, "utf8"));
    draft.title = `Record ${name}`;
    draft.metadata.field_spec.name = name;
    return JSON.stringify(draft);
  };
  const propose = async (id, name) => json(id, ["propose", "-"], { input: await draftOf(name) });

  test("the host says that acts must be signed, and which key signs its log", () => {
    assert.equal(host.started.signing, "required");
    assert.match(host.started.log_key, /^ed25519:[A-Za-z0-9+/]{43}=$/);
  });

  test("unsigned is refused with what to do, and nothing is done", async () => {
    const { code, stderr } = await run(["propose", addHost, "--as", "ana"]);
    assert.equal(code, 1);
    assert.match(stderr, /\[signature_missing\]/);
    assert.match(one(stderr), /senate key new FILE/);
    assert.match(one(stderr), /--key or SENATE_KEY/);
    assert.equal((await run(["list", "--json"])).json().proposals.length, 0);
  });

  test("a founding without keys is not understood in this mode", async () => {
    const { code, stderr } = await senate(["serve", "--memory", "--port", "0", "--member", "ana"]);
    assert.equal(code, 2);
    assert.match(one(stderr), /There is no key for ana/);
    assert.match(one(stderr), /--development/);
  });

  test("a key that is not enrolled, another member's name, a missing file", async () => {
    const stranger = join(folder, "stranger.pem");
    await senate(["key", "new", stranger]);
    const nobody = await run(["propose", addHost, "--key", stranger, "--json"]);
    assert.equal(nobody.code, 1);
    assert.equal(nobody.json().problem.code, "key_not_registered");
    await refused("ben", ["propose", addHost, "--as", "ana"], "key_not_registered");
    const missing = await run(["propose", addHost, "--key", join(folder, "none.pem"), "--as", "ana"]);
    assert.equal(missing.code, 3);
    assert.equal((await run(["list", "--json"])).json().proposals.length, 0);
  });

  test("approved: propose, debate, open, vote; every act is signed by its member", async () => {
    const { id } = await propose("ana", "host");
    await json("ben", ["comment", id, "Is this the name or the address?", "--at", "/properties/host"]);
    const [thread] = (await run(["show", id, "--json"])).json().threads;
    await json("ana", ["comment", id, "-", "--reply-to", thread.id], { input: "The name.\n" });
    await json("eva", ["raise", id, "privacy", "Machines are named after people."]);
    await json("ana", ["open", id.toLowerCase()]);
    await json("ana", ["vote", id, "yes"]);
    const held = await json("ben", ["vote", id, "yes"]);
    assert.equal(held.status, "voting", "an open concern holds it up");
    await refused("ben", ["resolve", id, "privacy", "Not mine."], "not_who_raised_it");
    const unknown = await refused("eva", ["resolve", id, "secrecy", "Done."], "concern_unknown");
    assert.match(unknown.remedy, /privacy/);
    const decided = await json("eva", ["resolve", id, "Privacy", "They have numbers now."]);
    assert.equal(decided.status, "active");

    const words = (await run(["show", id])).stdout;
    for (const part of [
      "privacy",
      "resolved",
      "They have numbers now.",
      "The name.",
      "/properties/host",
      "Rule",
    ]) {
      assert.ok(words.toLowerCase().includes(part.toLowerCase()) || part === "Rule", `${part} in ${words}`);
    }
    const log = (await run(["log"])).stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const acts = log.filter(({ act }) => act !== undefined).map(({ act }) => act);
    const ids = Object.fromEntries(
      (await run(["members", "--json"])).json().members.map(({ id, key_id }) => [id, key_id]),
    );
    for (const act of acts) {
      const by = act.by ?? act.voter_id ?? act.proposer_id;
      assert.equal(act.key, ids[by]);
      assert.equal(act.instance, "signed.test/life");
      assert.match(act.signature, /^[A-Za-z0-9+/]{86}==$/);
    }
    assert.deepEqual(
      acts.map(({ command }) => command),
      [
        "import_type",
        "propose",
        "comment",
        "comment",
        "raise_concern",
        "open_vote",
        "cast_ballot",
        "cast_ballot",
        "resolve_concern",
      ],
    );
    assert.equal((await run(["show", id, "--check"])).code, 0);
  });

  test("a contributor proposes and debates, and does not vote", async () => {
    const { id } = await propose("dan", "gpu");
    await json("dan", ["comment", id, "Runs differ by it."]);
    await json("ana", ["open", id]);
    const { problem } = (await as("dan", ["vote", id, "yes", "--json"])).json();
    assert.match(problem.code, /^not_a_(member|voter)$/);
    await json("dan", ["withdraw", id, "--reason", "The host says it."]);
  });

  test("revised in review, and only by the proposer", async () => {
    const { id } = await propose("ben", "cpu");
    const input = await draftOf("cores");
    const { revision, title } = await json("ben", ["revise", id, "-"], { input });
    assert.deepEqual([revision, title], [2, "Record cores"]);
    await refused("ana", ["revise", id, "-"], "not_the_proposer", { input });
    assert.match((await run(["show", id])).stdout, /revision 2/);
    await json("ben", ["withdraw", id]);
  });

  test("recused members are not in the electorate", async () => {
    const { id } = await propose("ana", "site");
    await json("eva", ["recuse", id, "--reason", "I run the site."]);
    assert.match((await run(["show", id])).stdout, /Recused\n {2}eva: I run the site\./);
    await json("ana", ["withdraw", id]);
  });

  test("overridden: enough signatures, and the concern no longer holds it up", async () => {
    const { id } = await propose("ben", "rack");
    await json("eva", ["raise", id, "cost", "Nobody fills it in."]);
    await json("ben", ["open", id]);
    await json("ana", ["vote", id, "yes"]);
    await json("ben", ["vote", id, "yes"]);
    await json("ana", ["override", id, "cost", "--reason", "The scheduler fills it in."]);
    const { status, concerns } = await json("ben", ["override", id, "cost", "--reason", "As ana says."]);
    assert.equal(concerns[0].state, "overridden");
    assert.equal(status, "active");
    const { stdout } = await run(["show", id]);
    assert.match(stdout, /overridden {2}cost/);
    assert.match(stdout, /ana: The scheduler fills it in\./);
  });

  test("rejected: the reason, the dissent, and the next proposal that is like it", async () => {
    const { id } = await json("ben", ["propose", shortenName, "--open"]);
    const reason = "The report can shorten names itself.";
    const { status } = await json("eva", ["vote", id, "no", "--reason", reason]);
    assert.equal(status, "rejected");
    assert.match((await run(["show", id])).stdout, /Dissent\n {2}eva \(no\): The report can shorten/);
    const found = await run(["precedents", shortenName]);
    assert.equal(found.code, 0, found.stderr);
    assert.ok(found.stdout.includes(id) && found.stdout.includes(reason), found.stdout);
    const again = await as("ben", ["propose", shortenName, "--json"]);
    if (again.code === 1) {
      const addresses = [
        "--addresses",
        `${id}=Twelve characters were asked for, and the report is wider now.`,
      ];
      const addressed = await json("ben", ["propose", shortenName, ...addresses]);
      assert.equal(addressed.addresses[0].proposal_id, id);
      await json("ben", ["withdraw", addressed.id]);
    } else {
      await json("ben", ["withdraw", again.json().id]);
    }
  });

  test("propose --open are two signed acts; a refused second one leaves the first", async () => {
    const { id, status } = await json("ana", ["propose", "-", "--open"], { input: await draftOf("zone") });
    assert.equal(status, "voting");
    await json("ana", ["withdraw", id]);
  });

  test("the policy, the members and the scope change by proposals", async () => {
    const change = async (by, document) => {
      const { id } = await json(by, ["propose", "-", "--open"], { input: JSON.stringify(document) });
      let view;
      for (const voter of ["ana", "ben", "eva"]) {
        view = (await run(["show", id, "--json"])).json();
        if (view.status === "voting") view = await json(voter, ["vote", id, "yes"]);
      }
      assert.equal(view.status, "active", view.decision_reason);
      return view;
    };
    const policy = await change("ana", {
      proposal_type: "policy_change",
      title: "Two weeks",
      metadata: {
        policy: { voting_ms: 1_209_600_000 },
        rationale: "Members who are people take holidays, and votes expire on silence.",
      },
    });
    assert.equal(policy.target, "senate/policy");
    assert.equal((await run(["policy", "--json"])).json().policy.voting_ms, 1_209_600_000);
    const policyWords = await run(["policy"]);
    assert.match(policyWords.stdout, /^Policy, version 2\n/);
    assert.ok(policyWords.stdout.includes(policy.id));

    await senate(["key", "new", keys.file("zoe")]);
    const { public_key } = (await senate(["key", "show", keys.file("zoe"), "--json"])).json();
    await change("ben", {
      proposal_type: "membership_change",
      title: "Zoe joins",
      metadata: {
        changes: [{ enrol: { id: "zoe", key: public_key } }],
        rationale: "She runs the nightly comparison and answers for what it needs.",
      },
    });
    const { stdout } = await run(["members"]);
    assert.match(stdout, /^Members \(5\), epoch 2\n/);
    assert.match(stdout, /zoe +voter +zoe/);
    assert.match(stdout, /dan +contributor +ana/);

    await change("eva", {
      proposal_type: "scope_change",
      title: "What runs are",
      metadata: {
        scope: { keywords_in: ["machine"], keywords_out: ["office"], judges: ["ana"] },
        rationale: "Half of the last proposals were about the office and not about runs.",
      },
    });
    assert.match((await run(["scope"])).stdout, /machine/);
  });

  test("scope: evaluated by the host and offline alike; out of scope is appealed, unclear is judged", async () => {
    const office = JSON.parse(await readFile(addHost, "utf8"));
    office.title = "Where the office plant stands";
    office.metadata.field_spec = { name: "office_plant", schema: { type: "string" } };
    office.metadata.rationale = "The plant beside the printer is watered by nobody: see ticket #12.";
    office.metadata.use_cases = [{ who: "ben", need: "to know which plant is meant" }];
    const file = join(folder, "office.json");
    await writeFile(file, JSON.stringify(office));
    const scope = join(folder, "scope.json");
    await writeFile(scope, JSON.stringify((await run(["scope", "--json"])).json().scope));
    const online = await run(["scope", "evaluate", file, "--json"]);
    const offline = await senate(["scope", "evaluate", file, "--scope", scope, "--json"]);
    assert.deepEqual(offline.json(), online.json());
    assert.equal(online.json().verdict, "out_of_scope");
    assert.deepEqual([online.code, offline.code], [1, 1]);
    assert.match((await run(["scope", "evaluate", file])).stdout, /^out of scope: /);
    assert.match((await run(["scope", "evaluate", addHost])).stdout, /^in scope: /);
    assert.equal((await run(["scope", "evaluate", addHost])).code, 0);

    const { id, status } = await json("ben", ["propose", file]);
    assert.equal(status, "rejected");
    await refused("ana", ["appeal", id, "--reason", "It is about runs too."], "not_the_proposer");
    await json("ben", ["appeal", id, "--reason", "Runs near the plant are warmer."]);
    assert.match((await run(["show", id])).stdout, /Runs near the plant are warmer/);

    const unclear = JSON.parse(await readFile(addHost, "utf8"));
    unclear.title = "The weather of a run";
    unclear.metadata.field_spec = { name: "weather", schema: { type: "string" } };
    unclear.metadata.rationale = "Two nights differ, and only one of them was hot: see ticket #13.";
    unclear.metadata.use_cases = [{ who: "ben", need: "to group runs by temperature" }];
    const proposed = await json("eva", ["propose", "-"], { input: JSON.stringify(unclear) });
    assert.equal(proposed.scope.at(-1).verdict, "unclear");
    const reason = ["--reason", "Temperature is a condition of a run."];
    const stranger = (await as("ben", ["judge", proposed.id, "in_scope", ...reason, "--json"])).json();
    assert.equal(stranger.problem.code, "not_a_judge");
    const judged = await json("ana", ["judge", proposed.id, "in_scope", ...reason]);
    assert.equal(judged.scope.at(-1).verdict, "in_scope");
    await json("eva", ["withdraw", proposed.id]);
  });

  test("key rotate: the new key acts, the old one no longer, and what it signed stays", async () => {
    const next = join(folder, "eva-next.pem");
    await senate(["key", "new", next]);
    const { stdout, code, stderr } = await run(["key", "rotate", "--key", keys.file("eva"), "--new", next]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^eva signs with sha256:[0-9a-f]{64} from now on\.\n/);
    const { id } = (
      await run(["propose", "-", "--key", next, "--json"], { input: await draftOf("machine_room") })
    ).json();
    const old = await refused("eva", ["withdraw", id, "--as", "eva"], "key_not_registered");
    assert.match(old.message, /eva signs with the key/);
    assert.equal((await run(["withdraw", id, "--key", next])).code, 0);
    const again = await run(["key", "rotate", "--key", next, "--new", keys.file("ana"), "--json"]);
    assert.equal(again.code, 1, "a key speaks for one member only");
    const audited = await run(["audit"]);
    assert.equal(audited.code, 0, audited.stdout + audited.stderr);
    assert.match(audited.stdout, /^The log is as it must be\./);
  });

  test("two processes of one member at once: both acts are done, neither is an equivocation", async () => {
    const { id } = await propose("ana", "machine_age");
    const said = await Promise.all(
      Array.from({ length: 6 }, (_, index) => as("ben", ["comment", id, `Number ${index}.`, "--json"])),
    );
    for (const { code, stdout } of said) assert.equal(code, 0, stdout);
    const { threads } = (await run(["show", id, "--json"])).json();
    assert.deepEqual(
      threads.map(({ text }) => text).sort(),
      Array.from({ length: 6 }, (_, i) => `Number ${i}.`),
    );
    assert.deepEqual((await run(["members", "--json"])).json().equivocations, []);
  });

  test("a protected key, and SENATE_KEY instead of --key", async () => {
    const next = join(folder, "ben-next.pem");
    const env = { SENATE_KEY_PASSPHRASE: "correct horse" };
    await senate(["key", "new", next], { env });
    const rotated = await run(["key", "rotate", "--new", next], {
      env: { ...env, SENATE_KEY: keys.file("ben") },
    });
    assert.equal(rotated.code, 0, rotated.stderr);
    const { proposals } = (await run(["list", "--status", "review", "--json"])).json();
    const words = ["comment", proposals[0].id, "Signed with a protected key.", "--json"];
    assert.equal(
      (await run(words, { env: { SENATE_KEY: next } })).json().problem.code,
      "key_passphrase_missing",
    );
    assert.equal((await run(words, { env: { ...env, SENATE_KEY: next } })).code, 0);
  });
});

describe("a host whose log was replaced", () => {
  let folder;
  let keys;
  let env;
  let host;
  let address;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "senate-replaced-"));
    env = { SENATE_STATE: join(folder, "state") };
    keys = await keysOf(folder, [{ id: "ana" }, { id: "ben" }, { id: "eva" }]);
  });
  after(async () => {
    await host?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  /** Another log at the same address: the same name, members and rules. */
  const begin = async (logKey) => {
    await host?.stop();
    const port = address === undefined ? [] : ["--port", new URL(address).port];
    host = await serve(["--memory", "--members", keys.members, "--log-key", join(folder, logKey), ...port]);
    address ??= host.url;
    assert.equal(host.url, address);
  };
  /** `ana` has seen the first log; `ben` begins without having seen anything. */
  const act = (id, type) =>
    senate(
      ["import", "--type", type, fixture("dated.json"), "--key", keys.file(id), "--host", address, "--json"],
      id === "ana" ? { env } : {},
    );
  const done = async (id, type) => {
    const { code, stdout, stderr } = await act(id, type);
    assert.equal(code, 0, stdout + stderr);
  };
  const refused = async (code) => {
    const before = (await senate(["log", "--host", address])).stdout;
    const result = await act("ana", "never");
    assert.equal(result.code, 1, result.stdout);
    assert.equal(result.json().problem.code, code, result.stdout);
    assert.match(result.json().problem.message, /Nothing was signed\.$/);
    assert.equal((await senate(["log", "--host", address])).stdout, before);
  };

  test("by a shorter one, by one that has grown past it, by one of another key", async () => {
    await begin("log.pem");
    await done("ana", "first");
    await done("ana", "second");
    await begin("log.pem");
    await refused("log_rolled_back");
    await done("ben", "other");
    await done("ben", "history");
    await done("ben", "altogether");
    await refused("log_forked");
    const audited = await senate(["audit", "--host", address, "--json"], { env });
    assert.deepEqual([audited.code, audited.json().problem.code], [1, "log_forked"]);
    await begin("other.pem");
    await refused("log_key_changed");
    const evidence = await readdir(join(folder, "state", "evidence"));
    assert.equal(evidence.length, 3);
    for (const name of evidence) {
      const { kept, offered } = JSON.parse(await readFile(join(folder, "state", "evidence", name), "utf8"));
      for (const { note } of [kept, offered]) assert.match(note, /^senate\.localhost\n\d+\n/);
      assert.notEqual(kept.note, offered.note);
    }
  });
});

describe("development mode", () => {
  let host;
  let folder;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "senate-development-"));
    const keys = await keysOf(folder, [{ id: "eva" }]);
    host = await serve([
      "--memory",
      "--development",
      ...["ana", "ben"].flatMap((id) => ["--member", id]),
      "--members",
      keys.members,
    ]);
  });
  after(async () => {
    await host?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const run = (args, options = {}) =>
    senate(args, { ...options, env: { SENATE_HOST: host.url, ...options.env } });

  test("the examples: documents that can be proposed, and an agent that signs its reviews", async () => {
    const example = (name) => new URL(`../../pkg/agent/examples/${name}`, import.meta.url);
    const { public_key } = (await senate(["key", "show", join(folder, "eva.pem"), "--json"])).json();
    await senate(["key", "new", join(folder, "reviewer.pem")]);
    const other = (await senate(["key", "show", join(folder, "reviewer.pem"), "--json"])).json().public_key;
    assert.notEqual(other, public_key);
    for (const name of [
      "longer-voting.policy.json",
      "enrol-reviewer.membership.json",
      "methods-only.scope.json",
    ]) {
      const input = (await readFile(example(name), "utf8"))
        .replace(/"key": "ed25519:[^"]*"/, `"key": "${other}"`)
        .replace("agent:methodologist", "ana");
      const checked = await run(["check-draft", "-"], { input });
      assert.equal(checked.code, 0, `${name}: ${checked.stdout}`);
      const vague = await run(["check-draft", "-", "--json"], {
        input: input.replace("rationale", "reason"),
      });
      assert.deepEqual([vague.code, vague.json().ok], [1, false], vague.stdout);
      const proposed = await run(["propose", "-", "--as", "ben", "--json"], { input });
      assert.equal(proposed.code, 0, `${name}: ${proposed.stdout}`);
      assert.match((await run(["show", proposed.json().id])).stdout, /\nChanges\n {2}\S/);
      assert.equal((await run(["withdraw", proposed.json().id, "--as", "ben"])).code, 0);
    }

    assert.equal(
      (await run(["import", "--type", "run", fixture("run-1.schema.json"), "--as", "ana"])).code,
      0,
    );
    const { id } = (await run(["propose", addHost, "--as", "ana", "--open", "--json"])).json();
    const reviewer = spawn(
      process.execPath,
      [fileURLToPath(example("reviewer.mjs")), "eva", join(folder, "eva.pem")],
      { env: environment({ SENATE_HOST: host.url }), stdio: ["ignore", "pipe", "inherit"] },
    );
    let said = "";
    for await (const chunk of reviewer.stdout) said += chunk;
    assert.ok(said.startsWith(`${id}: yes. Compatible`), said);
    const { vote } = (await run(["show", id, "--json"])).json();
    assert.deepEqual(
      vote.ballots.map(({ voter_id, choice }) => [voter_id, choice]),
      [["eva", "yes"]],
    );
    assert.equal((await run(["withdraw", id, "--as", "ana"])).code, 0);
  });

  test("the host signs for its own members, and for nobody else", async () => {
    assert.equal(host.started.signing, "development");
    const proposed = (await run(["propose", addHost, "--as", "ana", "--open", "--json"])).json();
    assert.equal(proposed.status, "voting");
    const { id } = proposed;
    assert.equal((await run(["vote", id, "yes", "--as", "ben"])).code, 0);
    const eva = await run(["vote", id, "yes", "--as", "eva", "--json"]);
    assert.equal(eva.code, 1);
    assert.equal(eva.json().problem.code, "signature_missing");
    const signed = await run(["vote", id, "yes", "--key", join(folder, "eva.pem"), "--json"]);
    assert.equal(signed.code, 0, signed.stdout);
    assert.equal(signed.json().status, "active");
    const audited = await run(["audit", "--json"]);
    assert.equal(audited.json().ok, true, audited.stdout);
  });
});
