/** A certificate is downloaded, and verified in the tab by the core; a damaged one says where. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { addField, assertNoBarrier, NOTE, skip, Stage } from "./stage.mjs";

/** @type {Stage} */
let stage;
let id;
before(async () => {
  if (skip) return;
  stage = await Stage.open({
    founding: { origin: "certified.senate.invalid", members: ["ada", "ben", "cho"] },
  });
  await stage.act({ command: "import_type", artifact_type: "note", versions: [{ schema: NOTE }], by: "ada" });
  id = await stage.propose("ada", addField("source", "Say where a note comes from"));
  await stage.act({ command: "open_vote", proposal_id: id, by: "ada" });
  const { subject } = (await stage.proposal(id)).vote;
  const ballot = (voter_id, choice, reason) =>
    stage.act({
      command: "cast_ballot",
      proposal_id: id,
      voter_id,
      choice,
      subject,
      ...(reason && { reason }),
    });
  await ballot("cho", "no", "The authors may not want to say.");
  await ballot("ada", "yes");
  await ballot("ben", "yes", "Readers ask every week.");
});
after(() => stage?.close());

const file = (text, name = "certificate.json") => ({
  name,
  mimeType: "application/json",
  buffer: Buffer.from(text),
});

async function certificate() {
  return (await fetch(`${stage.url}/api/senate/schema-proposal/${id}/certificate`)).text();
}

async function download(page) {
  const waiting = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download the certificate" }).click();
  const got = await waiting;
  assert.equal(got.suggestedFilename(), `certificate-${id}.json`);
  return readFile(await got.path(), "utf8");
}

test(
  "a good certificate is verified offline, with what was decided and what it rests on",
  { skip },
  async () => {
    const page = await stage.view({ hash: `proposals/${id}`, allow: [/Failed to load resource|net::ERR/] });
    const text = await download(page);
    await page.getByRole("link", { name: "Verify it here" }).click();
    await page.getByRole("heading", { level: 1, name: "Verify a certificate" }).waitFor();
    // The worker and the core have to be there; from here on nothing leaves the page.
    await page.getByLabel("Drop a file here, or choose one").setInputFiles(file(text));
    await page.getByRole("heading", { name: "✓ The certificate is valid" }).waitFor();

    const sent = [];
    page.on("request", (request) => {
      if (request.method() !== "GET" || request.postData()) sent.push(request.url());
    });
    await page.getByText("Paste it instead").click();
    await page.getByLabel("Certificate as text").fill(text);
    await page.getByRole("button", { name: "Verify the text" }).click();
    await page.getByText(/the pasted text, verified in this tab in [\d.]+ ms/).waitFor();
    assert.deepEqual(sent, []);

    const main = page.locator("senate-verify");
    for (const words of [
      "Say where a note comes from",
      "The authors may not want to say.",
      "Readers ask every week.",
    ])
      await main.getByText(words).first().waitFor();
    assert.match(
      await main.getByRole("meter").getAttribute("aria-valuetext"),
      /^2 of 3 yes, threshold 2 reached/,
    );
    const checks = await main.locator(".sn-checks li").allInnerTexts();
    assert.ok(checks.length >= 7, checks.join("\n"));
    assert.ok(checks.every((check) => check.includes("✓")));

    // The key is what the reader has to compare.
    const { log_key: key } = await (await fetch(`${stage.url}/api/senate`)).json();
    await main.getByLabel("The log key that you know").fill("ed25519:" + "A".repeat(43) + "=");
    await main.getByText("✕ Another key").waitFor();
    await main.getByLabel("The log key that you know").fill(key);
    await main.getByText("✓ The same key.").waitFor();
    await assertNoBarrier(page, "verify-valid");
    stage.assertClean();
  },
);

test("every kind of damage is refused, with its place in the file", { skip }, async () => {
  const page = await stage.view({ hash: "verify" });
  const text = await certificate();
  const changed = (change) => {
    const outer = JSON.parse(text);
    const payload = JSON.parse(Buffer.from(outer.payload, "base64").toString("utf8"));
    change(payload);
    outer.payload = Buffer.from(JSON.stringify(payload)).toString("base64");
    return JSON.stringify(outer);
  };
  const damages = {
    "cut off": text.slice(0, -40),
    "no JSON": "a certificate",
    "another document": '{"hello": "world"}',
    "a flipped ballot": changed((payload) => {
      const cast = payload.predicate.events.find(({ event }) => event.event === "ballot_cast");
      cast.event.act.choice = "yes";
    }),
    "a removed event": changed((payload) => payload.predicate.events.splice(2, 1)),
    "another decision": changed((payload) => (payload.predicate.decision.status = "rejected")),
  };
  for (const [what, damaged] of Object.entries(damages)) {
    await page.getByLabel("Drop a file here, or choose one").setInputFiles(file(damaged, `${what}.json`));
    await page.getByText(`${what}.json, verified in this tab`).waitFor();
    await page.getByRole("heading", { name: "✕ The certificate is not valid" }).waitFor();
    const where = await page.locator(".sn-outcome .sn-facts dd").first().innerText();
    assert.match(where, /^\//, what);
    assert.ok((await page.locator(".sn-checks li[data-tone=bad]").count()) === 1, what);
  }
  await assertNoBarrier(page, "verify-damaged");
  stage.assertClean();
});

test("a file is dropped on the page", { skip }, async () => {
  const page = await stage.view({ hash: "verify" });
  const text = await certificate();
  const transfer = await page.evaluateHandle((content) => {
    const held = new DataTransfer();
    held.items.add(new File([content], "dropped.json", { type: "application/json" }));
    return held;
  }, text);
  await page.locator(".sn-dropzone").dispatchEvent("drop", { dataTransfer: transfer });
  await page.getByText("dropped.json, verified in this tab").waitFor();
  await page.getByRole("heading", { name: "✓ The certificate is valid" }).waitFor();
  stage.assertClean();
});
