/** Schema files that a reader chose: what each is, in which order, and whether the core takes it. */
import type { Problem } from "schema-senate";
import type { VersionSource } from "../api/acts.js";
import { core } from "../core.js";
import { find, parse } from "../json/spans.js";

export interface SchemaFile {
  name: string;
  text: string;
  /** A version of the type, or a document that versions refer to. */
  role: "version" | "reference";
  /** For a reference: the absolute address that `$ref` names it by. */
  uri: string;
  description: string;
  problems: Problem[];
}

/** Names sorted as people count: v2 before v10. */
const byName = new Intl.Collator("en", { numeric: true });

/** Reads files, oldest version first as far as their names say. */
export async function readFiles(files: Iterable<File>): Promise<SchemaFile[]> {
  const read = await Promise.all(
    [...files].map(async (file): Promise<SchemaFile> => {
      const text = new TextDecoder("utf-8", { ignoreBOM: false }).decode(await file.arrayBuffer());
      return { name: file.name, text, role: "version", uri: identifier(text), description: "", problems: [] };
    }),
  );
  read.sort((a, b) => byName.compare(a.name, b.name));
  // A file that another one refers to by file name or identifier is not a version of its own.
  for (const file of read) {
    const others = read.filter((other) => other !== file);
    const named = (other: SchemaFile) =>
      references(other.text).some((target) => target === file.uri || (target !== "" && target === file.name));
    if (
      read.length > 1 &&
      others.some(named) &&
      !references(file.text).some((target) =>
        others.some((other) => other.uri === target && other.uri !== ""),
      )
    ) {
      file.role = "reference";
    }
  }
  return read;
}

function identifier(text: string): string {
  const parsed = parse(text);
  if (!parsed.ok) return "";
  for (const pointer of ["/$id", "/id"]) {
    const node = find(parsed.root, pointer);
    if (node?.kind === "string") return node.value.replace(/#$/, "");
  }
  return "";
}

/** What the `$ref`s of a text name, without fragments. */
function references(text: string): string[] {
  return [...text.matchAll(/"\$ref"\s*:\s*"([^"#]+)/g)].map((match) => match[1] ?? "");
}

/** `experiment.v2.schema.json` → `experiment`. */
export function typeNameFrom(fileName: string): string {
  const stem = fileName.split(/[.]/)[0] ?? "";
  return stem
    .replace(/[-_ ]?v?\d+$/i, "")
    .replaceAll(/[^a-z0-9]+/gi, "_")
    .replaceAll(/^[_0-9]+|_+$/g, "")
    .toLowerCase();
}

/** Has the core read every version; problems land on their files. */
export async function checkFiles(files: SchemaFile[]): Promise<SchemaFile[]> {
  const { Schema } = await core();
  const given = referencesOf(files);
  return files.map((file) => {
    if (file.role === "reference") return { ...file, problems: referenceProblems(file) };
    const compiled = Schema.compile(file.text, { references: given });
    if (!compiled.ok) return { ...file, problems: compiled.problems };
    compiled.schema.free();
    return { ...file, problems: [] };
  });
}

function referenceProblems(file: SchemaFile): Problem[] {
  const problem = (message: string, remedy: string): Problem[] => [
    { code: "reference_address", severity: "error", pointer: "", message, remedy },
  ];
  if (!parse(file.text).ok) return problem("The file is not JSON", "Choose another file.");
  if (file.uri === "")
    return problem("A referenced document needs an address", "Write the URI that `$ref` names it by.");
  return [];
}

function referencesOf(files: SchemaFile[]): Record<string, string> {
  return Object.fromEntries(
    files.filter((file) => file.role === "reference" && file.uri !== "").map((file) => [file.uri, file.text]),
  );
}

/** The versions to send, oldest first, each with the documents that were given. */
export function versionsOf(files: SchemaFile[]): VersionSource[] {
  const references = referencesOf(files);
  const given = Object.keys(references).length > 0 ? { references } : {};
  return files
    .filter((file) => file.role === "version")
    .map((file) => ({
      schema: file.text,
      ...given,
      ...(file.description === "" ? {} : { description: file.description }),
    }));
}
