/** Where an installed package lies, without loading it. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** @returns {(path: string) => string} paths inside the package */
export function packageFolder(name) {
  for (const place of ["../node_modules/", "../../node_modules/"]) {
    const folder = new URL(`${place}${name}/`, import.meta.url);
    if (existsSync(folder)) return (path) => fileURLToPath(new URL(path, folder));
  }
  throw new Error(`${name} is not installed; \`npm install\` in the repository installs it`);
}
