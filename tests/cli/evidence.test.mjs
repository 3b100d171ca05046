/** Certificates and logs that are what they say, and all the ways in which they are not. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { audit, verifyCertificate } from "schema-senate";
import { fixture, keysOf, senate, serve } from "./senate.mjs";

let folder;
let host;
let logKey;
/** Ids of proposals by what became of them. */
const decided = {};
const place = (name) => join(folder, name);
const run = (args, options = {}) =>
  senate(args, { ...options, env: { SENATE_HOST: host.url, ...options.env } });
const one = (text) => text.replace(/\s+/g, " ");
const reason = "The report can shorten names itself.";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "senate-evidence-"));
  const keys = await keysOf(folder, [{ id: "ana" }, { id: "ben" }, { id: "eva" }]);
  host = await serve([
    "--memory",
    "--members",
    keys.members,
    "--origin",
    "evidence.test",
    "--log-key",
    place("log.pem"),
  ]);
  logKey = host.started.log_key;
  const json = async (id, args) => {
    const { code, stdout, stderr } = await run([...args, "--key", keys.file(id), "--json"]);
    assert.equal(code, 0, stdout + stderr);
    return JSON.parse(stdout);
  };
  await json("ana", ["import", "--type", "run", fixture("run-1.schema.json")]);
  const approved = await json("ana", ["propose", fixture("add-host.draft.json"), "--open"]);
  await json("ana", ["vote", approved.id, "yes"]);
  await json("ben", ["vote", approved.id, "yes"]);
  const rejected = await json("ben", ["propose", fixture("shorten-name.draft.json"), "--open"]);
  await json("ana", ["comment", rejected.id, "Which report?"]);
  await json("eva", ["vote", rejected.id, "no", "--reason", reason]);
  const draft = JSON.parse(await readFile(fixture("add-host.draft.json"), "utf8"));
  draft.metadata.field_spec.name = "gpu";
  const file = place("gpu.json");
  await writeFile(file, JSON.stringify(draft));
  const open = await json("eva", ["propose", file, "--open"]);
  Object.assign(decided, { approved: approved.id, rejected: rejected.id, open: open.id });
  for (const name of ["approved", "rejected"]) {
    const written = await run(["certificate", decided[name], "-o", place(`${name}.json`)]);
    assert.equal(written.code, 0, written.stderr);
  }
  const exported = await run(["export", "-o", place("log.ndjson")]);
  assert.equal(exported.code, 0, exported.stderr);
  await writeFile(place("checkpoint.txt"), await (await fetch(`${host.url}/api/senate/checkpoint`)).text());
});
after(async () => {
  await host?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("certificates", () => {
  test("verified offline: what, by whom, by which rule, every check, and what is trusted", async () => {
    const env = { SENATE_HOST: "http://127.0.0.1:1" };
    const { code, stdout, stderr } = await run(["verify", place("rejected.json")], { env });
    assert.equal(code, 0, stdout + stderr);
    for (const words of [
      "Names of at most eight characters",
      decided.rejected,
      "evidence.test",
      "rejected",
      "breaking",
      reason,
      "not voted",
      "signature",
      "inclusion",
      "replay",
      logKey,
      "--log-key",
      "Verified",
    ]) {
      assert.ok(one(stdout).includes(words), `${words} in ${stdout}`);
    }
    const json = (await run(["verify", place("rejected.json"), "--json"], { env })).json();
    assert.equal(json.verified, true);
    assert.equal(json.decision.status, "rejected");
    assert.equal(json.log_key, logKey);
    assert.equal(json.log_key_compared, false);
    assert.deepEqual(
      json.ballots.map(({ voter_id, choice, reason }) => [voter_id, choice, reason]),
      [["eva", "no", reason]],
    );
  });

  test("against a key and a checkpoint that are known", async () => {
    const known = ["--log-key", logKey, "--checkpoint", place("checkpoint.txt")];
    const good = await run(["verify", place("approved.json"), ...known, "--json"]);
    assert.equal(good.code, 0, good.stdout);
    assert.equal(good.json().log_key_compared, true);
    assert.ok(good.json().checks.some(({ name }) => name === "kept_checkpoint"));
    const { publicKey } = generateKeyPairSync("ed25519");
    const raw = Buffer.from(publicKey.export({ format: "jwk" }).x, "base64url");
    const other = ["--log-key", `ed25519:${raw.toString("base64")}`];
    const wrong = await run(["verify", place("approved.json"), ...other, "--json"]);
    assert.equal(wrong.code, 1);
    assert.deepEqual([wrong.json().verified, wrong.json().failed], [false, "log_key"]);
    const nonsense = await run(["verify", place("approved.json"), "--log-key", "mykey"]);
    assert.equal(nonsense.code, 1);
    assert.doesNotMatch(nonsense.stderr, /\n\s+at /);
    const bad = await run(["verify", place("approved.json"), "--checkpoint", place("approved.json")]);
    assert.equal(bad.code, 1);
  });

  for (const name of ["approved", "rejected"]) {
    test(`${name}: a byte flipped at any of 200 places is found out, and the answer says where`, async () => {
      const bytes = await readFile(place(`${name}.json`));
      const length = bytes.toString("utf8").trimEnd().length;
      assert.ok(verifyCertificate(bytes).ok);
      const failed = new Set();
      for (let index = 0; index < 200; index += 1) {
        const at = Math.floor((index * (length - 1)) / 199);
        const damaged = Buffer.from(bytes);
        damaged[at] ^= 1;
        const answer = verifyCertificate(damaged);
        assert.equal(answer.ok, false, `byte ${at} of ${length}`);
        assert.ok(answer.problem.message.length > 0);
        failed.add(answer.failed);
      }
      assert.ok(failed.has("envelope"), [...failed].join(", "));
    });
  }

  test("the words of a damaged file: which check fails, at what place; exit 1", async () => {
    const envelope = JSON.parse(await readFile(place("approved.json"), "utf8"));
    const statement = JSON.parse(Buffer.from(envelope.payload, "base64").toString("utf8"));
    statement.predicate.decision.status = "rejected";
    envelope.payload = Buffer.from(JSON.stringify(statement)).toString("base64");
    await writeFile(place("damaged.json"), JSON.stringify(envelope));
    const { code, stdout, stderr } = await run(["verify", place("damaged.json")]);
    assert.equal(code, 1);
    assert.match(stdout, /^ok +envelope/m);
    assert.match(stdout, /^not ok +signature$/m);
    assert.match(stdout, /Not verified/);
    assert.doesNotMatch(stderr, /\n\s+at /);
    const json = await run(["verify", place("damaged.json"), "--json"]);
    assert.deepEqual([json.code, json.json().ok, json.json().failed], [1, false, "signature"]);
  });

  test("what is no certificate, and no file", async () => {
    for (const input of ["", "{", "{}", "[]", "null", '{"payload": 1}', "\u0000\u0001"]) {
      const { code, stdout, stderr } = await run(["verify", "-"], { input });
      assert.equal(code, 1, JSON.stringify(input) + stdout + stderr);
      assert.doesNotMatch(stdout + stderr, /\n\s+at |\[internal\]/);
    }
    assert.equal((await run(["verify", place("none.json")])).code, 3);
    assert.equal((await run(["verify", place("log.ndjson")])).code, 1);
  });

  test("there is none of what is not decided, or not there", async () => {
    const open = await run(["certificate", decided.open]);
    assert.equal(open.code, 1);
    assert.match(open.stderr, /\[nothing_to_certify\]/);
    assert.equal((await run(["certificate", "01JD0000000000000000000000"])).code, 1);
    const unwritable = await run(["certificate", decided.approved, "-o", place("no/such/folder.json")]);
    assert.equal(unwritable.code, 3);
    const printed = await run(["certificate", decided.approved.toLowerCase()]);
    assert.ok(verifyCertificate(printed.stdout).ok);
  });
});

describe("logs", () => {
  let lines;
  before(async () => {
    lines = (await readFile(place("log.ndjson"), "utf8")).trimEnd().split("\n");
  });
  const audited = (log, checkpoint) =>
    audit(`${log.join("\n")}\n`, checkpoint === undefined ? {} : { checkpoint });

  test("the log of a life is as it must be, from the host, from a file and from a pipe", async () => {
    const online = await run(["audit"]);
    assert.equal(online.code, 0, online.stdout + online.stderr);
    assert.match(online.stdout, new RegExp(`events +${lines.length}\n`));
    const env = { SENATE_HOST: "http://127.0.0.1:1" };
    const known = ["--checkpoint", place("checkpoint.txt"), "--json"];
    const file = await run(["audit", place("log.ndjson"), ...known], { env });
    assert.equal(file.code, 0, file.stdout);
    assert.equal(file.json().events, lines.length);
    const piped = await run(["audit", "-"], { env, input: lines.join("\n") });
    assert.equal(piped.code, 0, piped.stderr);
    assert.match(one(piped.stdout), /checkpoint none was compared/);
    assert.equal(piped.stderr, "", "no progress where nobody looks");
  });

  test("export writes what log writes, whole or not at all", async () => {
    const log = await run(["log"]);
    assert.equal(log.stdout, await readFile(place("log.ndjson"), "utf8"));
    assert.equal((await run(["export"])).stdout, log.stdout);
    assert.equal((await run(["export", "-o", place("no/such/log")])).code, 3);
    const gone = await run(["export", "-o", place("gone.ndjson"), "--host", "http://127.0.0.1:1"]);
    assert.equal(gone.code, 3);
    await assert.rejects(readFile(place("gone.ndjson")), { code: "ENOENT" });
  });

  test("every line, one value edited: found at that event, or at the first that rests on it", () => {
    for (const [index, line] of lines.entries()) {
      const event = JSON.parse(line);
      for (const [name, value] of Object.entries(event)) {
        if (typeof value !== "string" && typeof value !== "number") continue;
        const other = typeof value === "number" ? value + 1 : `${value}x`;
        const log = lines.with(index, JSON.stringify({ ...event, [name]: other }));
        const checked = audited(log, undefined);
        // A later moment of the last event is a moment like another: only a checkpoint tells.
        if (checked.ok) {
          assert.equal(name, "at_ms", `${line.slice(0, 80)}: ${name}`);
          continue;
        }
        assert.ok(checked.seq === undefined || checked.seq >= index + 1, `${index + 1}: ${checked.seq}`);
        assert.ok(checked.problem.message.length > 0);
      }
    }
  });

  test("every line edited, removed or swapped contradicts a kept checkpoint, if nothing else", async () => {
    const checkpoint = await readFile(place("checkpoint.txt"), "utf8");
    assert.ok(audited(lines, checkpoint).ok);
    for (const [index, line] of lines.entries()) {
      const event = JSON.parse(line);
      const later = { ...event, at_ms: event.at_ms + 1 };
      assert.equal(
        audited(lines.with(index, JSON.stringify(later)), checkpoint).ok,
        false,
        `edited ${index}`,
      );
      assert.equal(audited(lines.toSpliced(index, 1), checkpoint).ok, false, `removed ${index}`);
      if (index === 0) continue;
      const swapped = lines.toSpliced(index - 1, 2, lines[index], lines[index - 1]);
      assert.equal(audited(swapped, checkpoint).ok, false, `swapped ${index}`);
    }
  });

  test("every line removed or swapped is found without a checkpoint too, but for the end", () => {
    for (const index of lines.keys()) {
      const isLast = index === lines.length - 1;
      if (!isLast) assert.equal(audited(lines.toSpliced(index, 1)).ok, false, `removed ${index}`);
      if (index > 0)
        assert.equal(
          audited(lines.toSpliced(index - 1, 2, lines[index], lines[index - 1])).ok,
          false,
          `swapped ${index}`,
        );
    }
  });

  test("the words: which event, what differs; exit 1", async () => {
    const index = lines.findIndex((line) => line.includes('"schema_proposal_rejected"'));
    const event = JSON.parse(lines[index]);
    event.reason = "Because.";
    await writeFile(place("damaged.ndjson"), lines.with(index, JSON.stringify(event)).join("\n"));
    const { code, stdout, stderr } = await run(["audit", place("damaged.ndjson")]);
    assert.equal(code, 1);
    assert.match(stdout, /^The log is not what it must be\./);
    assert.match(one(stdout), new RegExp(`[Ee]vent ${index + 1}, schema_proposal_rejected`));
    assert.ok(stdout.includes("/reason"), stdout);
    assert.doesNotMatch(stderr, /\n\s+at /);
    const json = (await run(["audit", place("damaged.ndjson"), "--json"])).json();
    assert.deepEqual([json.ok, json.seq], [false, index + 1]);
    const ballot = lines.findIndex((line) => line.includes('"ballot_cast"'));
    const turned = lines.with(ballot, lines[ballot].replace('"yes"', '"abstain"'));
    const forged = (await run(["audit", "-", "--json"], { input: turned.join("\n") })).json();
    assert.deepEqual([forged.seq, forged.problem.code], [ballot + 1, "signature_wrong"]);
  });

  test("a cut end is found by a checkpoint; another log's checkpoint is no help", async () => {
    const cut = lines.slice(0, -1).join("\n");
    const short = await run(["audit", "-", "--checkpoint", place("checkpoint.txt"), "--json"], {
      input: cut,
    });
    assert.equal(short.code, 1);
    assert.equal(short.json().problem.code, "log_shorter_than_checkpoint");
    const bad = await run(["audit", "-", "--checkpoint", place("approved.json")], {
      input: lines.join("\n"),
    });
    assert.equal(bad.code, 1);
    const missing = await run(["audit", "-", "--checkpoint", place("none.txt")], { input: cut });
    assert.equal(missing.code, 3);
  });

  test("what is no log", async () => {
    for (const input of ["{", "null", "[]", '{"seq":1}', "\u0000", "{}\n{}"]) {
      const { code, stdout, stderr } = await run(["audit", "-"], { input });
      assert.equal(code, 1, JSON.stringify(input) + stdout + stderr);
      assert.doesNotMatch(stdout + stderr, /\n\s+at |\[internal\]/);
    }
    assert.equal((await run(["audit", place("none.ndjson")])).code, 3);
  });

  test("a log begins elsewhere: serve --import-log, with the key that it names", async () => {
    const begin = (file, key) => ["--memory", "--import-log", place(file), "--log-key", place(key)];
    const other = await serve(begin("log.ndjson", "log.pem"));
    try {
      const there = await run(["log", "--host", other.url]);
      assert.equal(there.stdout, await readFile(place("log.ndjson"), "utf8"));
      const certificate = await run(["certificate", decided.approved, "--host", other.url]);
      assert.ok(verifyCertificate(certificate.stdout, { log_key: logKey }).ok);
    } finally {
      await other.stop();
    }
    const wrong = await senate(["serve", "--port", "0", ...begin("log.ndjson", "another.pem")]);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /\[log_key_wrong\]/);
    const damaged = await senate(["serve", "--port", "0", ...begin("damaged.ndjson", "log.pem")]);
    assert.equal(damaged.code, 1);
    assert.doesNotMatch(damaged.stderr, /\n\s+at /);
  });
});
