/** A ballot by keyboard alone, and the way there. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { codeEditor, skip, Stage } from "./stage.mjs";

/** @type {Stage} */
let stage;
before(async () => {
  if (!skip) stage = await Stage.open();
});
after(() => stage?.close());

/** What has the focus, in words. */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    return `${element.localName} ${element.getAttribute("value") ?? ""} ${element.textContent.trim().slice(0, 60)}`;
  });

/** Presses Tab until something is focused that `wanted` describes; every stop on the way shows that it is focused. */
async function tabTo(page, wanted, most = 80) {
  for (let presses = 0; presses < most; presses += 1) {
    await page.keyboard.press("Tab");
    const visible = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return true;
      const style = getComputedStyle(element);
      const after = getComputedStyle(element, "::after");
      const shows = (of) => of.outlineStyle !== "none" && parseFloat(of.outlineWidth) > 0;
      const holder = element.closest(".sn-code");
      return shows(style) || shows(after) || (holder !== null && shows(getComputedStyle(holder)));
    });
    assert.ok(visible, `the focus is not visible on ${await focused(page)}`);
    if (wanted.test(await focused(page))) return;
  }
  assert.fail(`Tab never reached ${wanted}`);
}

test("skip link, navigation, and a ballot with its reason, without a mouse", { skip }, async () => {
  const page = await stage.view({ hash: "types" });
  await page.locator(".sn-type-card").first().waitFor();

  await page.keyboard.press("Tab");
  assert.match(await focused(page), /Skip to content/);
  await page.keyboard.press("Enter");
  assert.match(await focused(page), /^h1 .*Registry/);
  assert.match(page.url(), /#\/types$/, "the skip link leaves the address alone");

  await page.reload();
  await page.locator(".sn-type-card").first().waitFor();
  await tabTo(page, /^a .*Proposals/);
  await page.keyboard.press("Enter");
  await page.locator(".sn-proposal-row").first().waitFor();
  assert.match(await focused(page), /^h1 .*Proposals/, "a new screen is announced by its heading");
  await tabTo(page, /^a .*Record blinding/);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Record blinding in experiments" }).waitFor();
  await page.locator("senate-ballot select").waitFor();

  // Choose whom to act as, then how to vote.
  await tabTo(page, /^select .*nobody, only reading/);
  await page.keyboard.type("Sk");
  await page.locator("senate-ballot form[novalidate]").waitFor();
  assert.equal(
    await page.locator("senate-ballot legend").innerText(),
    "Ballot of Skeptic (agent) (agent:skeptic)",
  );
  await tabTo(page, /^input yes/);
  await page.keyboard.press("ArrowDown");
  assert.match(await focused(page), /^input no/);
  await tabTo(page, /^button .*Review the ballot/);
  await page.keyboard.press("Enter");
  assert.match(await focused(page), /^textarea/, "what is missing has the focus");
  const reason = page.getByRole("textbox", { name: /Reason/ });
  const message = await reason.getAttribute("aria-errormessage");
  assert.match(await page.locator(`[id="${message}"]`).innerText(), /needs a reason/);
  await page.keyboard.type("The default hides what was never reported.");
  await tabTo(page, /^button .*Review the ballot/);
  await page.keyboard.press("Enter");

  // The dialog repeats what is voted on; Escape leaves it without a vote.
  const dialog = page.getByRole("dialog", { name: "Cast this ballot?" });
  await dialog.waitFor();
  const text = await dialog.innerText();
  for (const part of [/Record blinding in experiments/, /[0-9a-f]{12}/, /Skeptic/, /No/, /never reported/])
    assert.match(text, part);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  assert.match(await focused(page), /^button .*Review the ballot/);
  await page.keyboard.press("Enter");
  await dialog.waitFor();
  assert.match(await focused(page), /^button cast Cast the ballot/);
  await page.keyboard.press("Enter");
  await page.getByText("Ballots of this vote are final.").waitFor();
  await page.locator(".sn-roster").getByText("The default hides what was never reported.").waitFor();
  stage.assertClean();
});

test("Tab leaves the code editor, both ways", { skip }, async () => {
  const page = await stage.view({ hash: "propose/experiment" });
  const editor = await codeEditor(page, "Schema");
  await editor.click();
  await page.keyboard.press("Tab");
  assert.match(await focused(page), /^input/);
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  assert.match(await focused(page), /^button .*Object/);
  stage.assertClean();
});
