import {
  checkCompatibility,
  type CompatibilitySetting,
  type Evolution,
  suggestMigration,
  transformWords,
  type TypeView,
} from "schema-senate";
import { actOptions, command, refOption } from "../command.js";
import { actingClient, inOrder, readReferences } from "../context.js";
import { Exit, type ExitCode, Fault, usageFault } from "../fault.js";
import { type Document, readJson, stem } from "../input.js";
import { judgingOptions, settingOf } from "../judging.js";
import { referencesOf } from "../references.js";
import { count, reportLines, sentence } from "../report.js";
import { safeLine, type Terminal, wrap } from "../terminal.js";

export const importTypes = command({
  name: "import",
  summary: "Register artifact types from JSON Schema files",
  usage: [
    "import --type NAME FILE… [--ref FILE]… [--mode MODE] [--assume ASSUMPTION]… --as ID [--key FILE]",
    "import FILE… [--ref FILE]… [--mode MODE] [--assume ASSUMPTION]… --as ID [--key FILE]",
    "import --type NAME FILE… --report [--ref FILE]… [--json]",
  ],
  details: [
    "With --type, the files are the history of that type, oldest first; the last one becomes current. Without it, every file is a type of its own, named after the file (experiment.schema.json → experiment).",
    "A type that is registered already is refused: from then on its schema changes by proposals. A --ref document that no schema names is left out.",
    "Any voter may register a type, while the policy allows it (`direct_import`).",
    "--report registers nothing and needs no host: it prints what changed from each version to the next, whom that breaks, and the migration that is suggested for it.",
    "--evolution says how artifacts follow the versions to come: rewritten at once (batch), upcast when they are read (lazy), or upcast and stored when they are read first (eager_on_read).",
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
    evolution: {
      type: "string",
      value: "HOW",
      choices: ["batch", "lazy", "eager_on_read"],
      help: "How artifacts follow later versions; default batch",
    },
    report: { type: "boolean", help: "Only say what changed between the versions; register nothing" },
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
    if (values.report) return reported(versions, setting, values.json, terminal);
    const { client, actor } = await actingClient(values, terminal);
    const types: TypeView[] = await inOrder(names, (name) =>
      client.importType(
        name,
        versions.filter((version) => version.name === name),
        {
          by: actor,
          compatibility: Object.keys(setting).length === 0 ? undefined : setting,
          evolution: values.evolution as Evolution | undefined,
        },
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

interface Version {
  name: string;
  schema: Uint8Array;
  documents: ReadonlyMap<string, Document>;
}

/** Each version against the one before it. */
function reported(
  versions: readonly Version[],
  setting: Partial<CompatibilitySetting>,
  json: boolean,
  terminal: Terminal,
): ExitCode {
  const steps = versions.slice(1).map((version, index) => {
    const before = versions[index] ?? version;
    const references = Object.fromEntries(
      [...before.documents, ...version.documents].map(([uri, { bytes }]) => [uri, bytes] as const),
    );
    const report = checkCompatibility(before.schema, version.schema, { ...setting, references });
    if (!report.ok) throw new Fault(Exit.no, report.problems, `version ${index + 2}`);
    const migration = suggestMigration(before.schema, version.schema, {
      artifact_type: version.name,
      references,
    });
    if (!migration.ok) throw new Fault(Exit.no, migration.problems, `version ${index + 2}`);
    return { from: index + 1, to: index + 2, report: report.report, migration };
  });
  if (json) {
    terminal.json({ versions: versions.length, transitions: steps });
    return Exit.ok;
  }
  for (const { from, to, report, migration } of steps) {
    const { transforms, notes } = migration;
    terminal.line(terminal.paint("bold", `Version ${from} → ${to}`));
    for (const line of reportLines({ ...report, differences: [] }, terminal)) terminal.line(`  ${line}`);
    terminal.line(`  ${count(report.differences.length, "difference") || "No difference"}.`);
    const words = transforms.map((transform) => sentence(transformWords(transform)));
    for (const word of words.length === 0 ? ["Artifacts need no rewriting."] : words)
      terminal.line(`  ${wrap(safeLine(word), terminal.width - 2, "    ")}`);
    for (const note of notes)
      terminal.line(`  ${wrap(`Note: ${sentence(note)}`, terminal.width - 2, "    ")}`);
  }
  return Exit.ok;
}

function nameOf(document: Document): string {
  return document.name.split(/[\\/]/).at(-1) ?? document.name;
}
