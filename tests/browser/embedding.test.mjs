/** Single elements on somebody else's page: they look right, leave that page alone, and link to the dashboard. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { skip, Stage } from "./stage.mjs";

/** @type {Stage} */
let stage;
before(async () => {
  if (!skip) stage = await Stage.open();
});
after(() => stage?.close());

test("an element works outside the dashboard, under the same policy", { skip }, async () => {
  const { proposals } = await (await fetch(`${stage.url}/api/senate/schema-proposals?status=voting`)).json();
  const page = await stage.view();
  const policy = (await fetch(`${stage.url}/`)).headers.get("content-security-policy");
  await page.route("**/their-page", (route) =>
    route.fulfill({
      contentType: "text/html",
      headers: { "content-security-policy": policy.replace("'unsafe-inline'", "") },
      body: `<!doctype html><html lang="en"><title>Their page</title>
        <link rel="stylesheet" href="/senate-elements.css"><script type="module" src="/senate.js"></script>
        <h1>Their page</h1><p><a href="#">their link</a></p>
        <div senate-host="${stage.url}/">
          <senate-proposal proposal-id="${proposals[0].id}"></senate-proposal>
          <senate-type artifact-type="paper"></senate-type>
        </div>`,
    }),
  );
  await page.goto(`${stage.url}/their-page`);
  await page.getByRole("heading", { level: 2, name: proposals[0].title }).waitFor();
  assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1);
  await page.locator("senate-type .sn-fields").waitFor();
  await page.locator("senate-type senate-json-editor[data-code]").waitFor();
  const link = page.locator("senate-proposal .sn-proposal-head a");
  assert.equal(await link.getAttribute("href"), `${stage.url}/#/types/${proposals[0].artifact_type}`);
  const theirs = await page.evaluate(() => ({
    font: getComputedStyle(document.querySelector("h1")).fontFamily,
    box: getComputedStyle(document.querySelector("p")).boxSizing,
    link: getComputedStyle(document.querySelector("body > p a")).textUnderlineOffset,
  }));
  assert.deepEqual(theirs, { font: '"Times New Roman"', box: "content-box", link: "auto" });
  stage.assertClean();
});
