/** Development mode is said on every view, and wherever an element stands that acts. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { skip, SOON, Stage } from "./stage.mjs";

/** @type {Stage} */
let stage;
before(async () => {
  if (!skip) stage = await Stage.open();
});
after(() => stage?.close());

const WORDS =
  /Development mode: this host holds the keys of .*Ana Ruiz.* and signs for them\. Do not use it for decisions that matter\./;

test("every view says that the host signs", { skip }, async () => {
  const { proposals } = await (await fetch(`${stage.url}/api/senate/schema-proposals?status=voting`)).json();
  const page = await stage.view({ allow: [/404/] });
  for (const hash of [
    "types",
    "types/experiment",
    "propose/experiment",
    "propose/new_type",
    "propose/senate%2Fpolicy",
    "proposals",
    `proposals/${proposals[0].id}`,
    "archive",
    "policy",
    "members",
    "verify",
    "nowhere/at/all/here",
  ]) {
    await page.goto(`${stage.url}/#/${hash}`);
    const banner = page.locator(".sn-banner-development");
    await banner.waitFor();
    assert.match((await banner.innerText()).replaceAll(/\s+/g, " "), WORDS, hash);
  }
  stage.assertClean();
});

test(
  "a member takes their key over from the host, and signs in the browser from then on",
  { skip },
  async () => {
    const page = await stage.view({ hash: "members", actor: "person:jonas.weber" });
    await page.getByText("The host signs for person:jonas.weber").waitFor();
    await page.getByRole("button", { name: "Take the key over" }).click();
    await page.getByText("This browser signs with the key that the senate knows.").waitFor(SOON);
    const senate = await (await fetch(`${stage.url}/api/senate`)).json();
    assert.ok(!senate.development_members.includes("person:jonas.weber"));
    await page.goto(`${stage.url}/#/proposals`);
    await page.getByRole("link", { name: "Record blinding in experiments" }).click();
    await page.getByRole("button", { name: "Comment", exact: true }).click();
    await page.getByRole("textbox", { name: "Comment" }).fill("Signed with my own key.");
    await page.getByRole("button", { name: "Send the comment" }).click();
    await page.locator(".sn-threads").getByText("Signed with my own key.").waitFor();

    // Nobody else can sign for them any more.
    const other = await stage.view({ hash: "proposals", actor: "person:jonas.weber" });
    await other.getByRole("link", { name: "Record blinding in experiments" }).click();
    await other.locator(".sn-top").getByRole("link", { name: "no key here" }).waitFor();
    stage.assertClean();
  },
);
