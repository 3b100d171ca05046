/** Every screen, in light and in dark, on a wide and on a narrow page: axe finds nothing, and nothing scrolls sideways. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertReflows, screenshot, skip, Stage, violations } from "./stage.mjs";

const MEMBER = "person:jonas.weber";

/** @type {Stage} */
let stage;
let ids;
before(async () => {
  if (skip) return;
  stage = await Stage.open();
  const list = async (status) =>
    (await (await fetch(`${stage.url}/api/senate/schema-proposals?status=${status}`)).json()).proposals;
  ids = {
    voting: (await list("voting"))[0].id,
    review: (await list("review"))[0].id,
    rejected: (await list("rejected"))[0].id,
  };
});
after(() => stage?.close());

const SCREENS = [
  { name: "registry", hash: () => "types", ready: ".sn-type-card" },
  {
    name: "type",
    hash: () => "types/experiment",
    ready: ".sn-yes",
    act: (page) => page.getByText("The whole document").click(),
  },
  { name: "draft-form", hash: () => "propose/experiment", ready: ".sn-problem-index" },
  {
    name: "draft-json",
    hash: () => "propose/paper",
    ready: ".sn-problem-index",
    act: (page) => page.getByRole("button", { name: "JSON", exact: true }).click(),
  },
  { name: "draft-new-type", hash: () => "propose/new_type", ready: ".sn-problem-index" },
  { name: "proposals", hash: () => "proposals", ready: ".sn-proposal-row" },
  {
    name: "proposal-voting",
    hash: () => `proposals/${ids.voting}`,
    ready: "senate-ballot form",
    act: (page) => page.getByText("Frozen when the vote opened").click(),
  },
  { name: "proposal-review", hash: () => `proposals/${ids.review}`, ready: "senate-diff table" },
  { name: "proposal-rejected", hash: () => `proposals/${ids.rejected}`, ready: ".sn-outcome" },
  { name: "archive", hash: () => "archive", ready: ".sn-proposal-row" },
  { name: "archive-empty", hash: () => "archive?text=nobody-wrote-this", ready: ".sn-empty" },
  { name: "policy", hash: () => "policy", ready: ".sn-rules" },
  {
    name: "members",
    hash: () => "members",
    ready: "senate-own-key .sn-notice",
  },
  { name: "verify", hash: () => "verify", ready: ".sn-dropzone" },
  { name: "draft-policy", hash: () => "propose/senate%2Fpolicy", ready: "senate-policy-form select" },
  {
    name: "draft-members",
    hash: () => "propose/senate%2Fmembers",
    ready: "senate-members-form button",
    act: async (page) => {
      await page.getByRole("button", { name: "Enrol a member" }).click();
      await page.getByRole("button", { name: "Replace a key" }).click();
    },
  },
  { name: "draft-scope", hash: () => "propose/senate%2Fscope", ready: "senate-scope-form textarea" },
  {
    name: "proposal-debate",
    hash: () => `proposals/${ids.review}`,
    ready: "senate-diff table",
    act: async (page) => {
      await page.getByRole("button", { name: "Raise a concern" }).click();
      await page.getByRole("button", { name: "Recuse yourself…" }).click();
    },
  },
  {
    name: "import",
    hash: () => "types",
    ready: ".sn-type-card",
    act: (page) => page.getByRole("button", { name: "Import schemas" }).click(),
  },
  { name: "no-such-type", hash: () => "types/no_such_type", ready: ".sn-empty", allow: [/404/] },
  { name: "nowhere", hash: () => "a/b/c", ready: ".sn-empty" },
];

for (const { name, hash, ready, act, allow } of SCREENS) {
  test(`${name}: no barrier that axe knows, in light and dark, wide and narrow`, { skip }, async () => {
    for (const scheme of ["light", "dark"]) {
      const page = await stage.view({ hash: hash(), actor: MEMBER, scheme, allow });
      await page.locator(ready).first().waitFor();
      await act?.(page);
      await page.waitForTimeout(300);
      assert.deepEqual(await violations(page), [], `${name}, ${scheme}, 1280 px`);
      await screenshot(page, `${name}-1280-${scheme}`);
      for (const width of [360, 320]) {
        await page.setViewportSize({ width, height: 780 });
        await page.waitForTimeout(150);
        await assertReflows(page, `${name} at ${width} px`);
      }
      await page.setViewportSize({ width: 360, height: 780 });
      assert.deepEqual(await violations(page), [], `${name}, ${scheme}, 360 px`);
      await screenshot(page, `${name}-360-${scheme}`);
      assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1);
      await page.context().close();
    }
    stage.assertClean();
  });
}

test("forced colours keep every seat of the meter apart", { skip }, async () => {
  const page = await stage.view({ hash: `proposals/${ids.voting}`, actor: MEMBER });
  await page.emulateMedia({ forcedColors: "active" });
  const seats = page.locator(".sn-vote .sn-seat");
  await seats.first().waitFor();
  assert.equal(await seats.count(), 5);
  for (let at = 0; at < 5; at += 1) {
    assert.notEqual(await seats.nth(at).evaluate((seat) => getComputedStyle(seat).borderTopStyle), "none");
  }
  await screenshot(page, "proposal-voting-1280-forced-colours");
});

test("the deadline is said in UTC and in the reader's time, and relative to now", { skip }, async () => {
  const page = await stage.view({ hash: `proposals/${ids.voting}`, actor: MEMBER });
  const time = page.locator(".sn-deadline time");
  await time.waitFor();
  assert.match(await time.getAttribute("datetime"), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.match(await time.innerText(), /in \d+ days[\s\S]*UTC · .*CES?T/);
});
