/**
 * A real host with a senate in memory, a real Chromium, and pages that notice everything that goes wrong in them. Where there
 * is no Chromium the tests say so and are skipped; set CHROMIUM to the path of one.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { createHost, foundSenate, openStore, seedExample, serve } from "schema-senate-host";
import { keyPair, signAct } from "../host/verify.mjs";

const DIST = fileURLToPath(new URL("../../www/dist", import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SCREENSHOTS = fileURLToPath(new URL("../../screenshots", import.meta.url));

const executable = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path !== undefined && path !== "" && existsSync(path));

/** For `test(name, { skip })`: why there is no browser, or false. */
export const skip =
  executable === undefined ? "no Chromium on this machine: install it, or set CHROMIUM to its path" : false;

if (skip) console.error(`# browser tests are SKIPPED: ${skip}`);

/** How long a host that polls may take to show up in a page. */
export const SOON = { timeout: 15_000 };

export class Stage {
  /** @type {import("schema-senate-host").RunningServer} */
  server;
  /** @type {import("schema-senate-host").Host} */
  host;
  /** @type {import("playwright-core").Browser} */
  browser;
  /** In required mode: the keys of the members, as they hold them themselves. */
  keys = {};
  #views = [];

  /**
   * The example senate in development mode; with `founding` another one, in which every act must come signed unless
   * `development` says otherwise. `now` is the host's clock.
   */
  static async open({ founding, development = founding === undefined, now, ...options } = {}) {
    assert.ok(existsSync(`${DIST}/index.html`), "www/dist is missing: run `npm run build` in www first");
    const stage = new Stage();
    const store = await openStore("memory:");
    stage.host = await createHost({ store, logger: quiet, development, ...(now && { now }) });
    if (founding) await stage.#found(founding, development);
    else await seedExample(stage.host);
    stage.server = await serve(stage.host, { port: 0, static: DIST, validateAnswers: true });
    stage.browser = await chromium.launch({
      executablePath: executable,
      headless: true,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
      ...options,
    });
    return stage;
  }

  /** `members` are ids, or members without keys. */
  async #found({ members, ...founding }, development) {
    const named = members.map((member) => (typeof member === "string" ? { id: member } : member));
    if (!development) for (const { id } of named) this.keys[id] = keyPair();
    const keyed = named.map((member) => ({
      ...member,
      ...(development ? {} : { key: this.keys[member.id].public }),
    }));
    assert.ok(await foundSenate(this.host, { ...founding, members: keyed }));
  }

  get url() {
    return this.server.url;
  }

  /** A command, as its member would send it from elsewhere: signed with their own key, or by the host. */
  async act(command) {
    const by = command.by ?? command.voter_id ?? command.proposer_id;
    const key = this.keys[by];
    let whole = command;
    if (key) {
      const signing = await this.host.view("signing", { member_id: by });
      assert.ok(signing.ok, JSON.stringify(signing));
      whole = signAct(command, key, signing.view);
    }
    const executed = await this.host.execute(whole);
    assert.ok(executed.ok, JSON.stringify(executed.problems));
    return executed.events;
  }

  async propose(proposer_id, draft) {
    const events = await this.act({ command: "propose", proposer_id, ...draft });
    return events.find((event) => event.event === "proposal_created").proposal_id;
  }

  async proposal(id) {
    const answer = await this.host.view("proposal", { proposal_id: id });
    assert.ok(answer.ok, JSON.stringify(answer));
    return answer.view;
  }

  /** Opens a vote and has these members say yes. */
  async carry(id, by, voters) {
    await this.act({ command: "open_vote", proposal_id: id, by });
    const { vote } = await this.proposal(id);
    for (const voter_id of voters)
      await this.act({
        command: "cast_ballot",
        proposal_id: id,
        voter_id,
        choice: "yes",
        subject: vote.subject,
      });
  }

  /**
   * A page of its own, with nothing remembered. `actor` is the member acted as; `allow` lists patterns of console
   * errors that the test brings about on purpose.
   */
  async view({ hash = "", actor = "", width = 1280, height = 900, scheme = "light", allow = [] } = {}) {
    const context = await this.browser.newContext({
      viewport: { width, height },
      colorScheme: scheme,
      reducedMotion: "reduce",
      locale: "en-GB",
      timezoneId: "Europe/Madrid",
    });
    const wrong = [];
    await context.exposeFunction("__violation", (text) => wrong.push(`content security policy: ${text}`));
    await context.addInitScript((member) => {
      if (member !== "" && localStorage.getItem("senate:actor") === null)
        localStorage.setItem("senate:actor", member);
      document.addEventListener("securitypolicyviolation", (event) => {
        globalThis.__violation(
          `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
        );
      });
    }, actor);
    const page = await context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning")
        wrong.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => wrong.push(`uncaught: ${error.stack ?? error.message}`));
    page.setDefaultTimeout(SOON.timeout);
    const view = { page, context, wrong, allow };
    this.#views.push(view);
    await page.goto(`${this.url}/#/${hash}`);
    return page;
  }

  /** Nothing went wrong in any page: no console message, no uncaught error, no violation of the policy. */
  assertClean() {
    const views = this.#views;
    this.#views = [];
    for (const { wrong, allow } of views) {
      const left = wrong.filter((text) => !allow.some((pattern) => pattern.test(text)));
      assert.deepEqual(left, []);
    }
  }

  async close() {
    await this.browser?.close();
    await this.server?.close();
  }
}

const quiet = { info() {}, warn() {}, error: (message) => console.error(message) };

/** Into screenshots/, which is not part of the repository. */
export async function screenshot(page, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true });
}

/** The page is not wider than its window: nobody has to scroll in two directions. */
export async function assertReflows(page, what) {
  const wide = await page.evaluate(() => {
    const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (over <= 0) return [];
    return [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
      .slice(0, 5)
      .map((element) => `${element.localName}.${element.className}`);
  });
  assert.deepEqual(wide, [], `${what} scrolls sideways`);
}

/** What axe finds, one line each; an empty list is what we want. */
export async function violations(page) {
  // Injected through the debugger: the page's own policy would refuse a foreign script, and should.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const found = await globalThis.axe.run(document, {
      runOnly: {
        type: "tag",
        values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      },
    });
    return found.violations.flatMap((rule) =>
      rule.nodes.map(
        (node) =>
          `${rule.id}: ${node.target.join(" ")} ${node.failureSummary?.split("\n").slice(1).join(" ")}`,
      ),
    );
  });
}

/** No barrier that axe knows and no scrolling sideways, in light and dark, wide and narrow; with a picture of each. */
export async function assertNoBarrier(page, name) {
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const width of [1280, 320]) {
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(150);
      await assertReflows(page, `${name} at ${width} px`);
      assert.deepEqual(await violations(page), [], `${name}, ${scheme}, ${width} px`);
      await screenshot(page, `${name}-${width}-${scheme}`);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** A moment that a test chooses. */
export function clock(startMs = Date.now()) {
  const held = { ms: startMs, now: () => held.ms, forward: (ms) => (held.ms += ms) };
  return held;
}

export const DAY = 86_400_000;

/** A small type, and a draft that adds a field to it. */
export const NOTE = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Note",
  type: "object",
  required: ["text"],
  properties: { text: { type: "string", minLength: 1 }, stars: { type: "integer", minimum: 0, maximum: 5 } },
  additionalProperties: false,
};

export function addField(name, title, more = {}) {
  const { metadata, ...rest } = more;
  return {
    proposal_type: "schema_change",
    title,
    metadata: {
      target_artifact_type: "note",
      change_type: "add_field",
      field_spec: { name, schema: { type: "string" } },
      rationale: "Readers cannot tell today where a note comes from, and ask the curators again and again.",
      use_cases: [{ who: "the curators", need: "answer where a note comes from without asking its author" }],
      migration_plan: { none_needed: "The field is optional, so stored notes stay as they are." },
      backward_compatible: true,
      ...metadata,
    },
    ...rest,
  };
}

/** The code editor of that name, once it has taken the place of its text area. */
export async function codeEditor(page, name) {
  await page.locator("senate-json-editor[data-code]").first().waitFor();
  return page.getByRole("textbox", { name });
}
