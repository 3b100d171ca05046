// Whether node_modules holds exactly what package-lock.json asks for: exit code 0 or 1.
import { existsSync, readFileSync } from "node:fs";

const read = (file) => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), "utf8")).packages;
const installed = existsSync("node_modules/.package-lock.json")
  ? read("node_modules/.package-lock.json")
  : {};

const missing = Object.entries(read("package-lock.json")).filter(([path, wanted]) => {
  if (!path.includes("node_modules/") || wanted.optional) return false;
  if (wanted.link) return installed[path]?.link !== true;
  return installed[path]?.version !== wanted.version;
});
process.exitCode = missing.length === 0 ? 0 : 1;
