/** When something is missing: the host, the code editor, the core, the thing that was asked for. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { skip, SOON, Stage } from "./stage.mjs";

const MEMBER = "person:ana.ruiz";

/** @type {Stage} */
let stage;
before(async () => {
  if (!skip) stage = await Stage.open();
});
after(() => stage?.close());

const FAILED = [/Failed to load resource/, /net::ERR_/];

test("a host that goes away leaves the last state, says so, and is found again", { skip }, async () => {
  const page = await stage.view({ hash: "proposals", actor: MEMBER, allow: FAILED });
  await page.locator(".sn-proposal-row").first().waitFor();
  await page.context().setOffline(true);
  await page.getByText("The host cannot be reached: this is the last state seen").first().waitFor(SOON);
  assert.ok((await page.locator(".sn-proposal-row").count()) > 0);
  await page.context().setOffline(false);
  await page
    .getByText("The host cannot be reached")
    .first()
    .waitFor({ state: "detached", ...SOON });
  stage.assertClean();
});

test("a ballot that does not reach the host is told, and nothing of it is lost", { skip }, async () => {
  const page = await stage.view({ hash: "proposals", actor: "agent:skeptic", allow: FAILED });
  await page.getByRole("link", { name: "Record blinding in experiments" }).click();
  await page.getByRole("radio", { name: /^No/ }).check();
  await page.getByRole("textbox", { name: /Reason/ }).fill("Kept while the host is away.");
  await page.getByRole("button", { name: "Review the ballot…" }).click();
  await page.route("**/vote", (route) => route.abort());
  await page.getByRole("button", { name: "Cast the ballot" }).click();
  await page.getByRole("alert").getByText("The host cannot be reached").waitFor();
  assert.equal(
    await page.getByRole("textbox", { name: /Reason/ }).inputValue(),
    "Kept while the host is away.",
  );
  stage.assertClean();
});

test("a refusal of the host is shown with its reason where the reader acted", { skip }, async () => {
  const page = await stage.view({
    hash: "proposals",
    actor: "agent:curator",
    allow: [...FAILED, /40\d|42\d/],
  });
  await page.getByRole("link", { name: "Record blinding in experiments" }).click();
  await page.getByRole("radio", { name: /^Yes/ }).check();
  await page.getByRole("button", { name: "Review the ballot…" }).click();
  // Somebody casts this member's ballot first: ballots are final, the second is refused.
  const id = page.url().split("/").at(-1);
  const { vote } = await (await fetch(`${stage.url}/api/senate/schema-proposal/${id}`)).json();
  await page.route("**/api/senate/schema-proposal/*", (route) =>
    route.request().method() === "GET" ? route.abort() : route.continue(),
  );
  await fetch(`${stage.url}/api/senate/schema-proposal/${id}/vote`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ voter_id: "agent:curator", choice: "yes", subject: vote.subject }),
  });
  await page.getByRole("button", { name: "Cast the ballot" }).click();
  const alert = page.getByRole("alert").filter({ hasText: /ballot/i });
  await alert.waitFor();
  assert.match(await alert.innerText(), /voted|final|already/i);
});

test("without the code editor a text area does the work", { skip }, async () => {
  const page = await stage.view({ allow: FAILED });
  const editorChunk = await page.evaluate(async () => {
    // The chunk that holds CodeMirror is by far the largest script.
    const script = await (await fetch("/senate.js")).text();
    const names = [...script.matchAll(/chunk-[A-Z0-9]+\.js/g)].map((match) => match[0]);
    const sizes = await Promise.all(
      [...new Set(names)].map(async (name) => [(await (await fetch(`/${name}`)).text()).length, name]),
    );
    return sizes.sort((a, b) => b[0] - a[0])[0][1];
  });
  await page.route(`**/${editorChunk}`, (route) => route.abort());
  await page.goto(`${stage.url}/?#/propose/experiment`);
  const area = page.locator("senate-json-editor textarea");
  await area.waitFor();
  assert.equal(await page.locator("senate-json-editor[data-code]").count(), 0);
  await page.getByLabel("Name", { exact: true }).fill("blinding");
  await area.fill('{"type": "strin"}');
  await page
    .locator(".sn-problem-index")
    .getByText(/\/metadata\/field_spec\/schema/)
    .first()
    .waitFor();
  await page.locator(".sn-problem-index button", { hasText: "/metadata/field_spec/schema" }).first().click();
  assert.ok(await area.evaluate((box) => box === document.activeElement));
  stage.assertClean();
});

test(
  "without the core the page still reads, says what is missing, and the host still checks",
  { skip },
  async () => {
    const page = await stage.view({ actor: MEMBER, allow: [...FAILED, /422|400/] });
    await page.route("**/*.wasm", (route) => route.abort());
    await page.goto(`${stage.url}/?#/propose/experiment`);
    await page.getByText("The core did not load in this page").waitFor();
    await page.getByRole("button", { name: "Propose", exact: true }).click();
    await page.getByRole("alert").first().waitFor();
    assert.ok(
      (await page.getByRole("alert").locator(".sn-problems li").count()) > 0,
      "the host's problems are listed",
    );
    stage.assertClean();
  },
);

test("the core is fetched once, and only where it is needed", { skip }, async () => {
  const page = await stage.view({ hash: "policy" });
  const fetched = [];
  page.on("request", (request) => {
    if (request.url().endsWith(".wasm")) fetched.push(request.url());
  });
  await page.getByRole("heading", { level: 2, name: "Rules in force" }).waitFor();
  assert.deepEqual(fetched, []);
  await page.goto(`${stage.url}/#/types/experiment`);
  await page.locator(".sn-yes").first().waitFor();
  await page.goto(`${stage.url}/#/propose/experiment`);
  await page.locator(".sn-problem-index").waitFor();
  await page.goto(`${stage.url}/#/types/paper`);
  await page.locator(".sn-compliance, .sn-empty").first().waitFor();
  assert.equal(fetched.length, 1);
  stage.assertClean();
});

test("paused, the page asks for nothing until it is told to go on", { skip }, async () => {
  const page = await stage.view({ hash: "proposals" });
  await page.locator(".sn-proposal-row").first().waitFor();
  await page.getByRole("button", { name: "Following live" }).click();
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.waitForTimeout(6500);
  assert.deepEqual(asked, []);
  await page.getByRole("button", { name: "Updates paused" }).click();
  await page.waitForTimeout(500);
  assert.ok(asked.length > 0);
  stage.assertClean();
});

test("hostile names and texts are shown as text", { skip }, async () => {
  const nasty = `<img src=x onerror="document.title='owned'">`;
  const response = await fetch(`${stage.url}/api/senate/schema-proposal`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      proposer_id: "agent:skeptic",
      proposal_type: "schema_change",
      title: nasty,
      metadata: {
        target_artifact_type: "wiki",
        change_type: "add_field",
        field_spec: { name: "reviewed_by", schema: { type: "string", description: nasty } },
        rationale: `Reviewers are named in free text today ${nasty} and cannot be counted.`,
        use_cases: [{ who: nasty, need: "count the reviews of a page by who wrote them" }],
        migration_plan: { none_needed: `The field is optional ${nasty}` },
        backward_compatible: true,
      },
    }),
  });
  assert.equal(response.status, 201, await response.clone().text());
  const { id } = await response.json();
  const page = await stage.view({ hash: `proposals/${id}` });
  await page.getByRole("heading", { level: 1, name: nasty }).waitFor();
  await page.getByText("What the proposer wrote").click();
  assert.equal(await page.locator("main img").count(), 0);
  assert.notEqual(await page.title(), "owned");
  stage.assertClean();
});

test(
  "a check that takes long holds up no key, and the newest text is the one that is answered",
  { skip },
  async () => {
    // Nested alternatives make the search for a witness long; the fields are many enough to be a real schema.
    const branch = (depth) =>
      depth === 0
        ? { type: "string", minLength: 1 }
        : {
            anyOf: [0, 1, 2].map((at) => ({
              type: "object",
              properties: { [`f${depth}_${at}`]: branch(depth - 1) },
              required: [`f${depth}_${at}`],
            })),
          };
    const properties = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`part_${at}`, branch(3)]));
    const registered = await fetch(`${stage.url}/api/schemas/heavy`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ by: MEMBER, versions: [{ schema: { type: "object", properties } }] }),
    });
    assert.equal(registered.status, 201, await registered.clone().text());
    const page = await stage.view({ hash: "propose/heavy", actor: MEMBER });
    const name = page.getByLabel("Name", { exact: true });
    await name.waitFor();
    await page.evaluate(() => {
      globalThis.longest = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
          globalThis.longest = Math.max(globalThis.longest, entry.duration);
      }).observe({ type: "longtask" });
    });
    for (const letter of "last_seen_online") {
      await name.press(letter);
      await page.waitForTimeout(140);
    }
    await page.locator("senate-draft-findings").getByText("last_seen_online").first().waitFor(SOON);
    const longest = await page.evaluate(() => globalThis.longest);
    assert.ok(longest < 400, `the page was held up for ${longest} ms`);
    stage.assertClean();
  },
);

test("where no worker can start, the page checks by itself", { skip }, async () => {
  const page = await stage.view({ allow: FAILED });
  await page.route("**/check-worker.js", (route) => route.abort());
  await page.goto(`${stage.url}/?#/propose/experiment`);
  await page.locator(".sn-problem-index").waitFor();
  stage.assertClean();
});
