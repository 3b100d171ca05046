/**
 * Acts signed in the browser: keys that WebCrypto makes and nobody can take out, ballots that the host takes only so, a log
 * that is compared with the one seen before.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { actBytes, verifies } from "../host/verify.mjs";
import { addField, assertNoBarrier, NOTE, skip, SOON, Stage } from "./stage.mjs";

/** @type {Stage} */
let stage;
let proposal;
before(async () => {
  if (skip) return;
  stage = await Stage.open({
    founding: {
      origin: "signed.senate.invalid",
      members: ["ada", "ben", "cho"],
      policy: { live_per_proposer: 9 },
    },
  });
  await stage.act({ command: "import_type", artifact_type: "note", versions: [{ schema: NOTE }], by: "ben" });
  proposal = await stage.propose("ben", addField("source", "Say where a note comes from"));
});
after(() => stage?.close());

const RATIONALE = "The member works in a browser now, and the key on the old machine is not used any more.";

/** The key of this page, enrolled by the others in the place of the one that the member had. */
async function enrol(page, member, others) {
  await page.goto(`${stage.url}/#/members`);
  await page.getByRole("button", { name: "Make a key" }).click();
  const text = page.locator("senate-own-key .sn-key-text");
  await text.waitFor();
  const key = await text.innerText();
  assert.match(key, /^ed25519:[A-Za-z0-9+/]{43}=$/);
  const id = await stage.propose(others[0], {
    proposal_type: "membership_change",
    metadata: { changes: [{ replace_key: { id: member, key } }], rationale: RATIONALE },
  });
  await stage.carry(id, others[0], others);
  assert.equal((await stage.proposal(id)).status, "active");
  return key;
}

async function castBallot(page, choice) {
  await page.getByRole("radio", { name: new RegExp(`^${choice}`, "i") }).check();
  await page.getByRole("button", { name: "Review the ballot…" }).click();
  await page
    .getByRole("dialog", { name: "Cast this ballot?" })
    .getByRole("button", { name: "Cast the ballot" })
    .click();
}

test(
  "a key is made in the page, enrolled by the others, and signs the whole life of a ballot",
  { skip },
  async () => {
    const page = await stage.view({ hash: `proposals/${proposal}`, actor: "ada" });

    // Without a key nothing is sent.
    const posted = [];
    page.on("request", (request) => {
      if (request.method() === "POST") posted.push(request.postData());
    });
    await page.locator(".sn-top").getByRole("link", { name: "no key here" }).waitFor();
    await page.getByRole("button", { name: "Open the vote" }).click();
    await page.getByRole("alert").getByText("This browser holds no key of ada").waitFor();
    assert.deepEqual(posted, []);

    const key = await enrol(page, "ada", ["ben", "cho"]);
    await page.reload();
    await page.locator(".sn-top").getByRole("link", { name: "key here", exact: true }).waitFor(SOON);
    await page.getByText("This browser signs with the key that the senate knows.").waitFor();
    await assertNoBarrier(page, "members-key");

    await page.goto(`${stage.url}/#/proposals/${proposal}`);
    await page.getByRole("button", { name: "Open the vote" }).click();
    await page.getByText("Voting closes").waitFor();
    await castBallot(page, "yes");
    await page.getByText("Ballots of this vote are final.").waitFor();

    // What was sent is the act that stands in the log, and its signature is right by the standards alone.
    const ballot = (await events()).find(
      (event) => event.event === "ballot_cast" && event.proposal_id === proposal,
    );
    assert.ok(verifies(key, actBytes(ballot.act), Buffer.from(ballot.act.signature, "base64")));
    assert.equal(ballot.act.voter_id, "ada");
    assert.equal(ballot.act.subject, (await stage.proposal(proposal)).vote.subject);
    const sent = JSON.parse(posted.at(-1));
    assert.equal(sent.signature, ballot.act.signature);
    assert.ok(!("command" in sent) && !("proposal_id" in sent));

    // The private key cannot be taken out.
    const extractable = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const request = indexedDB.open("schema-senate");
          request.onsuccess = () => {
            const all = request.result.transaction("keys").objectStore("keys").getAll();
            all.onsuccess = async () => {
              const [{ private_key: held }] = all.result;
              const exported = await crypto.subtle.exportKey("pkcs8", held).catch((error) => error.name);
              request.result.close();
              resolve([all.result.length, held.extractable, exported]);
            };
          };
        }),
    );
    assert.deepEqual(extractable, [1, false, "InvalidAccessError"]);

    // The others vote elsewhere; the decision is there for all to see.
    const { vote } = await stage.proposal(proposal);
    await stage.act({
      command: "cast_ballot",
      proposal_id: proposal,
      voter_id: "ben",
      choice: "yes",
      subject: vote.subject,
    });
    await page.getByRole("heading", { level: 2, name: "In force" }).waitFor(SOON);

    // Each event is proved in the tab, against the signed checkpoint.
    await page.getByRole("button", { name: `Prove that event ${ballot.seq} is in the log` }).click();
    await page.getByText("✓ in the log").waitFor();
    stage.assertClean();
  },
);

test("a rotation takes its place at once, and a forgotten key is gone", { skip }, async () => {
  const page = await stage.view({ hash: "members", actor: "cho" });
  const first = await enrol(page, "cho", ["ben", "cho"]);
  await page.reload();
  await page.getByText("This browser signs with the key that the senate knows.").waitFor(SOON);
  await page.getByRole("button", { name: "Rotate the key" }).click();
  // Both keys are kept until the new one has taken its place.
  await page.waitForFunction((before) => {
    const keys = [...document.querySelectorAll("senate-own-key .sn-key-text")];
    return keys.length === 1 && keys[0].textContent !== before;
  }, first);
  await page.getByText("This browser signs with the key that the senate knows.").waitFor(SOON);
  const rotated = (await events()).findLast((event) => event.event === "key_rotated");
  assert.equal(rotated.act.by, "cho");

  await page.getByRole("button", { name: "Forget it…" }).click();
  const dialog = page.getByRole("dialog", { name: "Forget this key?" });
  await dialog.getByRole("button", { name: "Go back" }).click();
  assert.equal(await page.locator("senate-own-key .sn-key-text").count(), 1);
  await page.getByRole("button", { name: "Forget it…" }).click();
  await dialog.getByRole("button", { name: "Forget the key" }).click();
  await page.getByRole("button", { name: "Make a key" }).waitFor();
  stage.assertClean();
});

test(
  "a host that shows another log is not signed for, and the alarm stays on every view",
  { skip },
  async () => {
    const page = await stage.view({ hash: "members", actor: "ben", allow: [/409|Failed to load/] });
    // This browser gets ben's place by the votes of the others; cho's key is gone, ada's is elsewhere: ben rotates to it.
    await page.getByRole("button", { name: "Make a key" }).click();
    const text = page.locator("senate-own-key .sn-key-text");
    await text.waitFor();
    const key = await text.innerText();
    const id = await stage.propose("ben", addField("mood", "Say how a note was meant"));
    const signing = (await stage.host.view("signing", { member_id: "ben" })).view;
    const proof = await page.evaluate(rotationProof, { instance: signing.instance, member: "ben", key });
    await stage.act({ command: "rotate_key", by: "ben", new_key: key, proof });
    delete stage.keys.ben;

    await page.goto(`${stage.url}/#/proposals/${id}`);
    await page.reload();
    await page.locator(".sn-top").getByRole("link", { name: "key here", exact: true }).waitFor(SOON);
    await say(page, "The first thing that is said here.");
    await page.locator(".sn-threads").getByText("The first thing that is said here.").waitFor();

    // From here on the host shows a log that forgot what it had shown.
    await page.route("**/api/senate/log/consistency?*", async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      body.proof = body.proof.map((hash) => hash.replace(/.$/, (last) => (last === "0" ? "1" : "0")));
      if (body.proof.length === 0) body.proof = ["sha256:" + "0".repeat(64)];
      await route.fulfill({ response, json: body });
    });
    const posted = [];
    page.on("request", (request) => {
      if (request.method() === "POST") posted.push(request.url());
    });
    await say(page, "This must never be signed.");
    await page
      .getByRole("alert")
      .getByText("Nothing was signed: this host shows another log than before")
      .waitFor();
    assert.deepEqual(posted, []);
    const banner = page.getByText("This host shows another log than before. Nothing is signed.");
    await banner.waitFor();
    for (const hash of ["types", "policy", "members", "verify", "archive"]) {
      await page.goto(`${stage.url}/#/${hash}`);
      await banner.waitFor();
    }
    await page.getByText("The two checkpoints").click();
    assert.match(
      await page.getByLabel("Checkpoint verified before").innerText(),
      /^signed\.senate\.invalid\n\d+\n/,
    );
    await assertNoBarrier(page, "log-forked");

    // The true log again: it is still not signed for, until the reader says what became of it.
    await page.unroute("**/api/senate/log/consistency?*");
    await page.goto(`${stage.url}/#/proposals/${id}`);
    await say(page, "Not yet.");
    await page.getByRole("alert").getByText("Nothing was signed").first().waitFor();
    assert.deepEqual(posted, []);
    await page.getByRole("button", { name: "forget the old log…" }).click();
    await page
      .getByRole("dialog", { name: "Forget the log seen before?" })
      .getByRole("button", { name: "Forget it" })
      .click();
    await banner.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Send the comment" }).click();
    await page.locator(".sn-threads").getByText("Not yet.").waitFor();
    stage.assertClean();
  },
);

test("where the browser has no Ed25519 the page says so, and names the command line", { skip }, async () => {
  const page = await stage.view({ actor: "ada" });
  await page.addInitScript(() => {
    const real = SubtleCrypto.prototype.generateKey;
    SubtleCrypto.prototype.generateKey = function (algorithm, ...rest) {
      if (algorithm === "Ed25519" || algorithm?.name === "Ed25519")
        return Promise.reject(new DOMException("Unrecognized name.", "NotSupportedError"));
      return real.call(this, algorithm, ...rest);
    };
  });
  await page.goto(`${stage.url}/?#/members`);
  await page.getByText("This browser cannot sign with Ed25519.").waitFor();
  await page.getByLabel("Commands").getByText("senate key new").waitFor();
  stage.assertClean();
});

async function say(page, text) {
  const comment = page.getByRole("button", { name: "Comment", exact: true });
  if ((await comment.getAttribute("aria-pressed")) !== "true") await comment.click();
  await page.getByRole("textbox", { name: "Comment" }).fill(text);
  await page.getByRole("button", { name: "Send the comment" }).click();
}

/** In the page: what its newest key signs to show that it is its own. */
async function rotationProof({ instance, member, key }) {
  const held = await new Promise((resolve) => {
    const request = indexedDB.open("schema-senate");
    request.onsuccess = () => {
      const all = request.result.transaction("keys").objectStore("keys").getAll();
      all.onsuccess = () => {
        request.result.close();
        resolve(all.result.find((each) => each.public_key === key));
      };
    };
  });
  const claim = `senate.v1.key\0${JSON.stringify({ instance, member, new_key: key })}`;
  const bytes = await crypto.subtle.sign("Ed25519", held.private_key, new TextEncoder().encode(claim));
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}

async function events() {
  const text = await (await fetch(`${stage.url}/api/senate/events`)).text();
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
