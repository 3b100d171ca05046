/** A type from files: several files are its history; what the core refuses is refused here, before anything is sent. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { codeEditor, screenshot, skip, Stage } from "./stage.mjs";

/** @type {Stage} */
let stage;
before(async () => {
  if (!skip) stage = await Stage.open();
});
after(() => stage?.close());

const file = (name, value) => ({
  name,
  mimeType: "application/json",
  buffer: Buffer.from(typeof value === "string" ? value : JSON.stringify(value)),
});

async function openImport(stage) {
  const page = await stage.view({ hash: "types", actor: "person:ana.ruiz", allow: [/409|422/] });
  await page.getByRole("button", { name: "Import schemas" }).click();
  return page;
}

test("files are read in the page, ordered as people count, and become a history", { skip }, async () => {
  const page = await openImport(stage);
  const base = { type: "object", properties: { title: { type: "string" } }, required: ["title"] };
  await page.getByLabel("JSON Schema files").setInputFiles([
    file("protocol.v10.json", {
      ...base,
      properties: { ...base.properties, steps: { type: "array" }, ratio: { const: 1.0 } },
    }),
    file("protocol.v2.json", { ...base, properties: { ...base.properties, steps: { type: "array" } } }),
    file("protocol.v1.json", base),
  ]);
  await page.getByRole("button", { name: "Import 3 versions" }).waitFor();
  assert.deepEqual(await page.locator(".sn-file strong").allInnerTexts(), [
    "protocol.v1.json",
    "protocol.v2.json",
    "protocol.v10.json",
  ]);
  assert.equal(await page.getByLabel("Name of the type").inputValue(), "protocol");
  await screenshot(page, "import-files-1280-light");
  await page.getByRole("button", { name: "Import 3 versions" }).click();
  await page.getByRole("heading", { level: 1, name: "protocol" }).waitFor();
  await page.locator(".sn-head").getByText("v3", { exact: true }).waitFor();
  assert.equal(await page.locator(".sn-history > li").count(), 3);
  stage.assertClean();
});

test(
  "a file that is no schema is named with its problem and place, and nothing is sent",
  { skip },
  async () => {
    const page = await openImport(stage);
    const sent = [];
    page.on("request", (request) => {
      if (request.method() === "POST") sent.push(request.url());
    });
    await page
      .getByLabel("JSON Schema files")
      .setInputFiles([
        file("a.1.json", '{"type": "object", "type": "array"}'),
        file("a.2.json", { type: "objekt" }),
        file("a.3.json", { type: "object" }),
      ]);
    const files = page.locator(".sn-file");
    await files
      .nth(0)
      .getByText(/twice|duplicate/i)
      .first()
      .waitFor();
    await files
      .nth(1)
      .getByText(/objekt/)
      .first()
      .waitFor();
    await files.nth(2).getByText("version 3").waitFor();
    await page.getByRole("button", { name: "Import 3 versions" }).click();
    await page.waitForTimeout(300);
    assert.deepEqual(sent, []);
    await files
      .nth(0)
      .getByRole("button", { name: /Remove/ })
      .click();
    await page
      .locator(".sn-file")
      .first()
      .getByRole("button", { name: /Remove/ })
      .click();
    await page.getByRole("button", { name: "Import 1 version" }).waitFor();
    stage.assertClean();
  },
);

test("a referenced file is recognised and sent along", { skip }, async () => {
  const page = await openImport(stage);
  await page.getByLabel("JSON Schema files").setInputFiles([
    file("order.json", {
      $id: "https://example.org/order.json",
      type: "object",
      properties: { at: { $ref: "https://example.org/place.json" } },
    }),
    file("place.json", {
      $id: "https://example.org/place.json",
      type: "object",
      properties: { room: { type: "integer" } },
    }),
  ]);
  await page.getByRole("button", { name: "Import 1 version" }).waitFor();
  await page.locator(".sn-file").nth(1).getByText("referenced document").waitFor();
  await page.getByLabel("Name of the type").fill("order");
  await page.getByRole("button", { name: "Import 1 version" }).click();
  await page.getByRole("heading", { level: 1, name: "order" }).waitFor();

  // The reference is followed when a document is tried.
  await (await codeEditor(page, "Document to validate")).click();
  await page.keyboard.insertText('{"at": {"room": "seven"}}');
  await page.locator(".sn-try-answer").getByText("/at/room").waitFor();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText('{"at": {"room": 7}}');
  await page.locator(".sn-try-answer").getByText("Valid under version 1.").waitFor();
  stage.assertClean();
});

test("a name that is taken is refused by the host, with its words", { skip }, async () => {
  const page = await openImport(stage);
  await page.getByLabel("JSON Schema files").setInputFiles([file("experiment.json", { type: "object" })]);
  await page.getByRole("button", { name: "Import 1 version" }).click();
  await page
    .getByRole("alert")
    .getByText(/experiment/)
    .first()
    .waitFor();
  stage.assertClean();
});
