/**
 * A real host with the example senate in memory, a real Chromium, and pages that notice everything that goes wrong in
 * them. Where there is no Chromium the tests say so and are skipped; set CHROMIUM to the path of one.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { createHost, openStore, seedExample, serve } from "schema-senate-host";

const DIST = fileURLToPath(new URL("../../www/dist", import.meta.url));
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
  #views = [];

  static async open(options = {}) {
    assert.ok(existsSync(`${DIST}/index.html`), "www/dist is missing: run `npm run build` in www first");
    const stage = new Stage();
    const store = await openStore("memory:");
    stage.host = await createHost({ store, logger: quiet });
    await seedExample(stage.host);
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

  get url() {
    return this.server.url;
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

/** The code editor of that name, once it has taken the place of its text area. */
export async function codeEditor(page, name) {
  await page.locator("senate-json-editor[data-code]").first().waitFor();
  return page.getByRole("textbox", { name });
}
