/** Changes of the roster in words. */
import type { Json } from "schema-senate";
import { short } from "./time.js";

/** As it stands in the metadata of a membership change. */
export function changeWords(change: Json): string {
  if (typeof change !== "object" || change === null || Array.isArray(change)) return String(change);
  const [[verb, value] = ["", null]] = Object.entries(change);
  const of = (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {}) as Record<
    string,
    Json
  >;
  const id = String(of["id"] || "somebody");
  const rest = Object.entries(of)
    .filter(([name]) => name !== "id" && name !== "key")
    .map(([name, each]) => `${name} ${String(each)}`)
    .join(", ");
  const key = typeof of["key"] === "string" ? `key ${keyWords(of["key"])}` : "";
  switch (verb) {
    case "enrol":
      return `Enrol ${id}${[rest, key].filter(Boolean).length > 0 ? ` (${[rest, key].filter(Boolean).join(", ")})` : ""}`;
    case "retire":
      return `Retire ${id}`;
    case "amend":
      return `Change ${id}: ${rest}`;
    case "replace_key":
      return `Replace the key of ${id} by ${keyWords(String(of["key"] ?? ""))}`;
    default:
      return JSON.stringify(change);
  }
}

/** The beginning of a public key, or of a digest: enough to tell two apart by eye. */
export function keyWords(key: string): string {
  if (key === "") return "none yet";
  return key.startsWith("sha256:") ? short(key) : `${key.replace(/^ed25519:/, "").slice(0, 12)}…`;
}
