/** Migrations in the page: the plan in words and in both dialects, the rehearsal, a failure retried and given up, own files. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addField, assertNoBarrier, NOTE, skip, SOON, Stage } from "./stage.mjs";

const MEMBERS = ["ana", "ben", "eva"];

/** @type {Stage} */
let stage;
before(async () => {
  if (skip) return;
  stage = await Stage.open({
    founding: { origin: "migration.test/page", members: MEMBERS, policy: { live_per_proposer: 9 } },
    development: true,
  });
  await stage.act({ command: "import_type", by: "ana", artifact_type: "note", versions: [{ schema: NOTE }] });
  for (const [id, metadata] of [
    ["note-1", { text: "first", stars: 3 }],
    ["note-2", { text: "second" }],
    ["note-3", { text: "third", stars: 5 }],
  ]) {
    const registered = await stage.host.artifacts.register({
      id,
      artifact_type: "note",
      metadata: JSON.stringify(metadata),
    });
    assert.ok(registered.ok, JSON.stringify(registered));
  }
});
after(() => stage?.close());

const modifyStars = (schema, title) =>
  addField("unused", title, {
    metadata: {
      change_type: "modify_field",
      field_spec: { path: "/stars", schema },
      migration_plan: {
        sql: "UPDATE artifacts SET metadata = metadata WHERE artifact_type = 'note'",
        backfill: "every note keeps its number of stars as a text",
      },
      backward_compatible: false,
    },
  });

const section = (page, name) => page.getByRole("region", { name });

test("the plan is said in words, with what to look out for and SQL of both dialects", { skip }, async () => {
  const id = await stage.propose("ana", modifyStars({ type: "string" }, "Stars as a text"));
  const page = await stage.view({ hash: `proposals/${id}`, actor: "ben" });
  const migration = section(page, "Migration");
  await migration.getByText(/into its text/).waitFor(SOON);
  await migration
    .getByLabel("SQL for PostgreSQL")
    .getByText(/UPDATE "artifacts"/)
    .waitFor();
  await migration.getByRole("radio", { name: "SQLite" }).check();
  await migration.getByLabel("SQL for SQLite").getByText(/json_/).first().waitFor();
  await migration.getByText("What the proposer wrote").click();
  await migration.getByLabel("SQL of the proposer").waitFor();
  await assertNoBarrier(page, "migration-plan");
  stage.assertClean();
});

test("a rehearsal shows what became of each artifact, those that fail first", { skip }, async () => {
  const id = await stage.propose("ben", modifyStars({ type: "integer", maximum: 4 }, "At most four stars"));
  const page = await stage.view({ hash: `proposals/${id}`, actor: "ben" });
  const migration = section(page, "Migration");
  const again = migration.getByRole("button", { name: /Rehearse it/ });
  await again.click();
  await migration.getByText("The rehearsal did not pass").waitFor(SOON);
  await migration.getByText(/3 stored artifacts/).waitFor();
  await migration.getByText("Artifacts before and after").click();
  const first = migration.getByLabel("Artifacts", { exact: true }).locator("option").first();
  await first.waitFor({ state: "attached" });
  assert.match(await first.textContent(), /✕\s+note-3/);
  await migration.getByText(/Not valid afterwards/).waitFor();
  await assertNoBarrier(page, "rehearsal");
  stage.assertClean();
});

test("own files are rehearsed in the page, and nothing is sent", { skip }, async () => {
  const id = await stage.propose("eva", modifyStars({ type: "string" }, "Stars as words"));
  const page = await stage.view({ hash: `proposals/${id}`, actor: "eva" });
  const migration = section(page, "Migration");
  await migration.getByText("Rehearse it on your own files").click();
  const sent = [];
  page.on("request", (request) => {
    if (request.method() !== "GET") sent.push(request.url());
  });
  await migration.locator('input[type="file"]').setInputFiles([
    { name: "good.json", mimeType: "application/json", buffer: Buffer.from('{"text":"a","stars":2}') },
    { name: "bad.json", mimeType: "application/json", buffer: Buffer.from('{"text":""}') },
    { name: "broken.json", mimeType: "application/json", buffer: Buffer.from("{") },
  ]);
  await migration.getByText(/1 of 2 artifacts valid\s+afterwards/).waitFor(SOON);
  await migration.getByText("broken.json").waitFor();
  const files = migration.locator("senate-try-migration");
  assert.match(await files.locator("option").first().textContent(), /✕\s+bad\.json/);
  assert.deepEqual(sent, []);
  stage.assertClean();
});

test("a migration that failed is tried again, and given up by its proposer", { skip }, async () => {
  const id = await stage.propose(
    "ana",
    modifyStars({ type: "integer", maximum: 4 }, "Four stars are enough"),
  );
  await stage.carry(id, "ana", MEMBERS);
  const page = await stage.view({ hash: `proposals/${id}`, actor: "ana" });
  const outcome = section(page, "Migration failed");
  await outcome.waitFor(SOON);
  await section(page, "Migration").getByText("note-3").first().waitFor();
  await outcome.getByRole("button", { name: "Try the migration again" }).click();
  await page
    .getByText(/tried again|tries the migration again/i)
    .first()
    .waitFor(SOON);
  await outcome.getByLabel("Why it is given up").fill("Notes with five stars are wanted after all.");
  await outcome.getByRole("button", { name: "Give the migration up" }).click();
  await section(page, "Abandoned").waitFor(SOON);
  assert.equal((await stage.proposal(id)).status, "abandoned");
  stage.assertClean();
});
