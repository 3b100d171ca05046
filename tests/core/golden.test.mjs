/** The golden logs of tests/vectors/logs: this build reads from them what the native one has read, byte for byte. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { audit, canonicalize, Senate, verifyCertificate, verifyNote } from "schema-senate";

const folder = new URL("../vectors/logs/", import.meta.url);
const names = readdirSync(folder).flatMap((file) => (file.endsWith(".ndjson") ? [file.slice(0, -7)] : []));
assert.ok(names.length >= 3);

for (const name of names) {
  const log = readFileSync(new URL(`${name}.ndjson`, folder), "utf8");
  const golden = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));

  test(`${name}: replayed, verified or not, it is one senate`, () => {
    for (const verify of [true, false]) {
      const { senate } = Senate.replay(log, { verify });
      assert.equal(senate.root, golden.root);
      for (const { name, params, digest } of golden.views) {
        const answer = senate.view(name, params, golden.now_ms);
        assert.equal(answer.ok, true, JSON.stringify(answer));
        assert.equal(canonicalize(answer.view).digest, digest, `${name} ${JSON.stringify(params)}`);
      }
      senate.free();
    }
  });

  test(`${name}: the audit says the same`, () => {
    const { audit: found } = audit(log, { checkpoint: golden.checkpoint });
    const { checkpoint_size: size, ...rest } = found;
    assert.deepEqual(rest, golden.audit);
    assert.equal(size, golden.audit.events);
  });

  test(`${name}: its certificates are made and verified`, () => {
    const { senate } = Senate.replay(log);
    const { log_key } = senate.view("senate", null, golden.now_ms).view;
    assert.equal(verifyNote(golden.checkpoint, "test.example/senate", log_key).root, golden.root);
    const lines = log.split("\n");
    for (const { proposal_id, certificate, report } of golden.certificates) {
      const { seqs } = senate.view("certificate_events", { proposal_id }, golden.now_ms).view;
      const events = seqs.map((seq) => lines[seq - 1]).join("\n");
      const made = senate.certificate(proposal_id, events, golden.checkpoint);
      assert.equal(made.payload, certificate.payload);
      const verified = verifyCertificate(certificate);
      assert.equal(canonicalize(verified.certificate).digest, report);
    }
    senate.free();
  });
}

test("a log that says something else is found, and where", () => {
  const log = readFileSync(new URL("eventful.ndjson", folder), "utf8");
  const forged = log.replace('"choice":"no"', '"choice":"yes"');
  const found = audit(forged);
  assert.equal(found.ok, false);
  assert.equal(found.problem.code, "signature_wrong");
  assert.match(log.split("\n")[found.seq - 1], /"choice":"no"/);
  assert.equal(Senate.replay(forged).ok, false);
});
