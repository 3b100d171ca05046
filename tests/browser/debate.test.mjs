/** The debate: a thread on a line of the schema, concerns that hold a proposal up, recusal, extension and cooling. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addField, assertNoBarrier, clock, DAY, NOTE, skip, SOON, Stage } from "./stage.mjs";

const MEMBERS = ["ada", "ben", "cho", "dee", "eve"];
const time = clock();

/** @type {Stage} */
let stage;
before(async () => {
  if (skip) return;
  stage = await Stage.open({
    development: true,
    now: time.now,
    founding: {
      origin: "debate.senate.invalid",
      members: MEMBERS,
      policy: {
        cooling_ms: DAY,
        voting_ms: 7 * DAY,
        late_window_ms: DAY,
        extension_ms: 2 * DAY,
        live_per_proposer: 9,
      },
    },
  });
  await stage.act({ command: "import_type", artifact_type: "note", versions: [{ schema: NOTE }], by: "ada" });
});
after(() => stage?.close());

async function actAs(page, member) {
  await page.locator(".sn-top senate-actor select").selectOption(member);
}

const vote = (id, voter_id, choice, subject, reason) =>
  stage.act({
    command: "cast_ballot",
    proposal_id: id,
    voter_id,
    choice,
    subject,
    ...(reason && { reason }),
  });

test("a thread starts at a line of the schema, by keyboard, and is answered", { skip }, async () => {
  const id = await stage.propose("ada", addField("source", "Say where a note comes from"));
  const page = await stage.view({ hash: `proposals/${id}`, actor: "ben" });
  await page.locator("senate-diff table").waitFor();

  // One stop for the whole column; the arrow keys go on from there.
  const stops = page.locator(".sn-diff-place[tabindex='0']");
  assert.equal(await stops.count(), 1);
  await stops.focus();
  await page.keyboard.press("ArrowDown");
  const chosen = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  assert.match(chosen, /Say something about \/properties\/source\/type/);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.localName === "textarea");
  await page.locator(".sn-chosen-place").getByText("/properties/source/type").waitFor();
  await page.keyboard.type("A link would serve the readers better than a word.");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const thread = page.locator(".sn-threads > li");
  await thread.getByText("A link would serve the readers better than a word.").waitFor();
  assert.match(await thread.locator("figcaption").innerText(), /\/properties\/source\/type/);
  assert.match(await thread.locator("blockquote").innerText(), /"string"/);

  await actAs(page, "cho");
  await thread.getByRole("button", { name: "Reply" }).click();
  await page.getByRole("textbox", { name: "Reply" }).fill("Not every source has one.");
  await page.getByRole("button", { name: "Send the reply" }).click();
  await thread.locator(".sn-replies").getByText("Not every source has one.").waitFor();
  await assertNoBarrier(page, "debate-thread");
  stage.assertClean();
});

test("a concern holds the proposal up until enough of the electorate sign against it", { skip }, async () => {
  const id = await stage.propose("ada", addField("place", "Say where a note was written"));
  const page = await stage.view({ hash: `proposals/${id}`, actor: "eve" });
  await page.getByRole("button", { name: "Raise a concern" }).click();

  // Nothing is sent without a name and a text.
  await page.getByRole("button", { name: "Raise the concern" }).click();
  await page.getByText("Write something first.").waitFor();
  assert.ok(await page.getByLabel("Name of the concern").evaluate((box) => box === document.activeElement));
  await page.getByLabel("Name of the concern").fill("Privacy");
  await page
    .getByRole("textbox", { name: "What the concern is" })
    .fill("A place can give away who wrote it.");
  await page.getByRole("button", { name: "Raise the concern" }).click();
  const concern = page.locator(".sn-concern");
  await concern.getByText("Open", { exact: true }).waitFor();
  await page.locator(".sn-proposal-head").getByText("1 open concern").waitFor();

  await stage.act({ command: "open_vote", proposal_id: id, by: "ada" });
  const { subject } = (await stage.proposal(id)).vote;
  for (const voter of ["ada", "ben", "cho", "dee"]) await vote(id, voter, "yes", subject);
  await page.locator(".sn-vote [role=meter][aria-valuenow='4']").waitFor(SOON);
  assert.equal((await stage.proposal(id)).status, "voting", "the open concern holds it up");

  for (const [at, member] of ["ada", "ben", "cho", "dee"].entries()) {
    await actAs(page, member);
    await concern.getByRole("button", { name: "Sign to override…" }).click();
    await page
      .getByRole("textbox", { name: "Why it shall not hold the proposal up" })
      .fill(`The field is optional, says ${member}.`);
    await page.getByRole("button", { name: "Sign to override", exact: true }).click();
    await concern.getByText(`The field is optional, says ${member}.`).waitFor();
    if (at < 3) await concern.getByText(`${at + 1} of 4 signatures to override`).waitFor();
  }
  await concern.getByText("Overridden").waitFor();

  // Approved, and in force only when the cooling time is over.
  await page.getByRole("heading", { level: 2, name: "Cooling" }).waitFor(SOON);
  await page.getByText("Cooling ends").waitFor();
  await assertNoBarrier(page, "cooling");
  time.forward(DAY + 1000);
  await page.getByRole("heading", { level: 2, name: "In force" }).waitFor(SOON);
  stage.assertClean();
});

test("whoever raised a concern resolves it", { skip }, async () => {
  const id = await stage.propose("ben", addField("tone", "Say how a note sounds"));
  await stage.act({
    command: "raise_concern",
    proposal_id: id,
    by: "dee",
    name: "Vague",
    text: "Which tones?",
  });
  const page = await stage.view({ hash: `proposals/${id}`, actor: "cho" });
  const concern = page.locator(".sn-concern");
  await concern.waitFor();
  assert.equal(await concern.getByRole("button", { name: "Resolve…" }).count(), 0, "only who raised it");
  await actAs(page, "dee");
  await concern.getByRole("button", { name: "Resolve…" }).click();
  await page.getByRole("textbox", { name: "How it was dealt with" }).fill("The description lists them now.");
  await page.getByRole("button", { name: "Resolve the concern" }).click();
  await concern.getByText("Resolved", { exact: true }).waitFor();
  await concern.getByText("The description lists them now.").waitFor();
  stage.assertClean();
});

test("who recuses themselves in review is not in the electorate", { skip }, async () => {
  const id = await stage.propose("cho", addField("editor", "Name who edited a note"));
  const page = await stage.view({ hash: `proposals/${id}`, actor: "eve" });
  await page.getByRole("button", { name: "Recuse yourself…" }).click();
  await page
    .getByRole("textbox", { name: "Why you stay out of this vote" })
    .fill("I edit most of the notes.");
  await page.getByRole("button", { name: "Recuse yourself", exact: true }).click();
  await page.getByRole("heading", { name: "Recused" }).waitFor();
  await page.locator(".sn-vote").getByText("I edit most of the notes.").waitFor();
  await stage.act({ command: "open_vote", proposal_id: id, by: "cho" });
  await page.getByText("is not in the electorate that was frozen").waitFor(SOON);
  assert.deepEqual(
    (await stage.proposal(id)).vote.electorate.map((member) => member.id),
    ["ada", "ben", "cho", "dee"],
  );
  stage.assertClean();
});

test("a late concern extends the vote, and the page says so", { skip }, async () => {
  const id = await stage.propose("dee", addField("reader", "Say who a note is for"));
  await stage.act({ command: "open_vote", proposal_id: id, by: "dee" });
  const page = await stage.view({ hash: `proposals/${id}`, actor: "ada" });
  await page.getByText("Voting closes").waitFor();
  assert.equal(await page.getByText("The vote was extended").count(), 0);
  time.forward(7 * DAY - DAY / 2);
  await stage.act({
    command: "raise_concern",
    proposal_id: id,
    by: "ben",
    name: "Late",
    text: "Who counts as a reader?",
  });
  await page.locator(".sn-proposal-head").getByText("The vote was extended").waitFor(SOON);
  await page.getByText("A concern was raised near the close.").waitFor();
  const { vote: held } = await stage.proposal(id);
  assert.equal(held.closes_ms - held.scheduled_ms, 2 * DAY);
  stage.assertClean();
});

test("a draft in review is revised, and says so", { skip }, async () => {
  const id = await stage.propose("eve", addField("mood", "Say how a note was meant"));
  const page = await stage.view({ hash: `proposals/${id}`, actor: "eve" });
  await page.getByRole("link", { name: "Revise…" }).click();
  await page.getByRole("heading", { level: 1, name: "Revise a proposal" }).waitFor();
  await page.getByLabel("Title").fill("Say in which mood a note was meant");
  await page.locator("senate-draft-findings:not(:has([data-severity=error])) .sn-forecast").waitFor();
  await page.getByRole("button", { name: "Revise", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Say in which mood a note was meant" }).waitFor();
  await page.getByText("revision 2").first().waitFor();
  stage.assertClean();
});

test("what depends on whom is said under the meter", { skip }, async () => {
  const id = await stage.propose("ben", addField("length", "Say how long a note is"));
  await stage.act({ command: "open_vote", proposal_id: id, by: "ben" });
  const { subject } = (await stage.proposal(id)).vote;
  for (const voter of ["ada", "ben", "cho"]) await vote(id, voter, "yes", subject);
  const page = await stage.view({ hash: `proposals/${id}`, actor: "dee" });
  await page.locator("senate-solution").getByText("1 more yes approves it.").waitFor();
  await page.getByText("What would turn it").click();
  const row = page.locator("senate-solution tr", { hasText: "dee" });
  assert.match(await row.innerText(), /yes/);
  await assertNoBarrier(page, "solution");
  stage.assertClean();
});
