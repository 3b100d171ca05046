#!/usr/bin/env node
// Committed, so that the link npm makes at install time is there and executable before the first build.
import { existsSync } from "node:fs";

const built = new URL("../dist/main.js", import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  process.stderr.write("senate: not built yet. In the repository, run `cargo xtask build` first.\n");
  process.exitCode = 3;
}
