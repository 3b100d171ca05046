// Cargo's runner for wasm tests in Chromium: `node chromium.mjs TESTS.wasm [ARGS…]`.
//
// wasm-bindgen's own runner serves the page; a headless Chromium opens it here. That asks for a browser only, not for a
// driver of the very same version beside it.
//
// CHROMIUM is the browser, XTASK_BINDGEN the program with the runner in it.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const { CHROMIUM, XTASK_BINDGEN } = process.env;
const DEADLINE_MS = 300_000;

const server = spawn(XTASK_BINDGEN, ["test", ...process.argv.slice(2)], {
  env: {
    ...process.env,
    NO_HEADLESS: "1",
    WASM_BINDGEN_USE_BROWSER: "1",
    WASM_BINDGEN_TEST_ADDRESS: "127.0.0.1:0",
  },
  stdio: ["ignore", "pipe", "inherit"],
});
let browser;
try {
  const address = await listening(server);
  // Root may not use Chromium's sandbox; the page is our own.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  browser = await chromium.launch({ executablePath: CHROMIUM, args });
  console.log(`Chromium ${browser.version()}`);
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(error));
  await page.goto(address);
  const output = page.locator("#output");
  await page.waitForFunction(
    () => /^test result: /m.test(document.querySelector("#output")?.textContent ?? ""),
    undefined,
    { timeout: DEADLINE_MS },
  );
  const text = (await output.textContent()) ?? "";
  console.log(text);
  process.exitCode = /^test result: ok\./m.test(text) ? 0 : 1;
} finally {
  await browser?.close();
  server.kill();
}

/** The address that the runner prints. */
async function listening(server) {
  for await (const line of createInterface({ input: server.stdout })) {
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
    if (address !== null) return address[0];
    console.log(line);
  }
  throw new Error("the test runner ended before it listened");
}
