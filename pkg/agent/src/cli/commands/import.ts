import type { TypeView } from "schema-senate";
import { actOptions, command, refOption } from "../command.js";
import { actingClient, inOrder, readReferences } from "../context.js";
import { Exit, usageFault } from "../fault.js";
import { type Document, readJson, stem } from "../input.js";
import { judgingOptions, settingOf } from "../judging.js";
import { referencesOf } from "../references.js";
import { count, sentence } from "../report.js";
import { safeLine } from "../terminal.js";

export const importTypes = command({
  name: "import",
  summary: "Register artifact types from JSON Schema files",
  usage: [
    "import --type NAME FILE… [--ref FILE]… [--mode MODE] [--assume ASSUMPTION]… --as ID [--key FILE]",
    "import FILE… [--ref FILE]… [--mode MODE] [--assume ASSUMPTION]… --as ID [--key FILE]",
  ],
  details: [
    "With --type, the files are the history of that type, oldest first; the last one becomes current. Without it, every file is a type of its own, named after the file (experiment.schema.json → experiment).",
    "A type that is registered already is refused: from then on its schema changes by proposals. A --ref document that no schema names is left out.",
    "Any voter may register a type, while the policy allows it (`direct_import`).",
    "--mode and --assume say how the changes of these types will be judged, and with that what vote they need; they cannot be changed later. `senate check-compat --help` explains them.",
  ],
  options: {
    type: { type: "string", value: "NAME", help: "Name of the type whose history the files are" },
    description: {
      type: "string",
      multiple: true,
      value: "TEXT",
      help: "What changed in a file, one for each file in order",
    },
    ...judgingOptions,
    ...refOption,
    ...actOptions,
  },
  examples: [
    {
      line: "senate import --type experiment v1.json v2.json v3.json --as ana",
      says: "one type with three versions",
    },
    {
      line: "senate import --type bom bom-1.6.json --ref spdx.schema.json --as ana",
      says: "with what it refers to",
    },
  ],
  exits: { 0: "registered", 1: "refused: not a schema, or the type exists" },
  async run({ values, operands }, terminal) {
    if (operands.length === 0)
      throw usageFault("`senate import` needs at least one FILE.", "Usage: senate import --type NAME FILE…");
    if (values.type === undefined && operands.includes("-")) {
      throw usageFault("A schema from standard input has no name.", "Write `--type NAME`.");
    }
    if (values.description.length > 0 && values.description.length !== operands.length) {
      throw usageFault("`--description` goes with a file: give as many as there are files, or none.");
    }
    const schemas = await inOrder(operands, (file) => readJson(file, terminal));
    const given = await readReferences(values.ref, terminal);
    const versions = schemas.map((schema, index) => {
      const { documents } = referencesOf(schema, given);
      const description =
        values.description[index] ??
        (schema.name === "standard input" ? undefined : `Imported from ${nameOf(schema)}.`);
      return {
        name: values.type ?? stem(schema.name),
        schema: schema.bytes,
        documents,
        references: [...documents].map(([uri, { bytes }]) => [uri, bytes] as const),
        ...(description === undefined ? {} : { description }),
      };
    });
    const names = [...new Set(versions.map(({ name }) => name))];
    if (values.type === undefined && names.length < versions.length) {
      throw usageFault(
        "Two files give the same type name.",
        "Rename one, or give the history of one type with `--type NAME`.",
      );
    }
    const used = new Set(versions.flatMap(({ documents }) => [...documents.values()]));
    for (const { name } of given.filter((document) => !used.has(document))) {
      terminal.stderr.write(`senate: no schema refers to ${safeLine(name)}; it is left out.\n`);
    }
    const setting = settingOf(values);
    const { client, actor } = await actingClient(values, terminal);
    const types: TypeView[] = await inOrder(names, (name) =>
      client.importType(
        name,
        versions.filter((version) => version.name === name),
        { by: actor, compatibility: Object.keys(setting).length === 0 ? undefined : setting },
      ),
    );
    if (values.json) {
      terminal.json({
        types: types.map(({ artifact_type, current }) => ({
          artifact_type,
          version: current.version,
          digest: current.digest,
        })),
      });
    } else {
      for (const { artifact_type, current } of types) {
        terminal.line(
          `${terminal.paint("green", "registered")} ${safeLine(artifact_type)}, ${count(current.version, "version")}, ${current.digest}`,
        );
      }
      terminal.line(
        sentence(`\`senate show ${names[0] ?? "types"}\` shows ${names.length === 1 ? "it" : "the first"}`),
      );
    }
    return Exit.ok;
  },
});

function nameOf(document: Document): string {
  return document.name.split(/[\\/]/).at(-1) ?? document.name;
}
