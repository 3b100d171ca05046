/**
 * Published histories as histories of a type: what changed from version to version, whom it breaks, which migration is
 * suggested, and whether documents of the first version come out valid under the last. The schemas come from the npm
 * packages that carry them.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { checkCompatibility, Migration, Schema, suggestMigration } from "schema-senate";
import { packageFolder } from "./packages.mjs";

const asyncapi = packageFolder("@asyncapi/specs");
const cyclonedx = packageFolder("@cyclonedx/cyclonedx-library");
const read = (path) => readFileSync(path, "utf8");
const bom = (name) => read(cyclonedx(`res/schema/${name}.SNAPSHOT.schema.json`));

const HISTORIES = [
  {
    name: "AsyncAPI",
    versions: ["2.0.0", "2.1.0", "2.2.0", "2.3.0", "2.4.0", "2.5.0", "2.6.0"].map((version) => ({
      version,
      text: read(asyncapi(`schemas/${version}.json`)),
    })),
    references: {},
    artifact: {
      asyncapi: "2.0.0",
      info: { title: "Readings", version: "1.0.0" },
      channels: { readings: { subscribe: { message: { payload: { type: "string" } } } } },
    },
    // Its schemas name their version; the document names the last one at the end.
    last: { asyncapi: "2.6.0" },
  },
  {
    name: "CycloneDX",
    versions: ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"].map((version) => ({
      version,
      text: bom(`bom-${version}`),
    })),
    references: {
      "http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json": bom("spdx"),
      "http://cyclonedx.org/schema/cryptography-defs.SNAPSHOT.schema.json": bom("cryptography-defs"),
      "http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json": bom("jsf-0.82"),
    },
    artifact: {
      bomFormat: "CycloneDX",
      specVersion: "1.2",
      version: 1,
      components: [{ type: "library", name: "serde", version: "1.0.0" }],
    },
    // Its schemas leave the version open.
    last: { specVersion: "1.2" },
  },
];

for (const { name, versions, references, artifact, last } of HISTORIES) {
  test(`${name}: ${versions.length} versions, and a document of the first brought to the last`, () => {
    let document = artifact;
    assert.deepEqual(errorsOf(versions[0].text, references, document), []);
    for (const [index, { version, text }] of versions.slice(1).entries()) {
      const before = versions[index];
      const judged = checkCompatibility(before.text, text, { references });
      assert.ok(judged.ok, JSON.stringify(judged));
      const suggested = suggestMigration(before.text, text, { artifact_type: "document", references });
      assert.ok(suggested.ok, JSON.stringify(suggested));
      const migration = Migration.compile(JSON.stringify(suggested));
      assert.ok(migration.ok, JSON.stringify(migration));
      const up = migration.migration.up(JSON.stringify(document));
      migration.migration.free();
      assert.ok(up.ok, JSON.stringify(up));
      document = up.artifact;
      assert.deepEqual(errorsOf(text, references, document), [], `${before.version} → ${version}`);
      const { verdict, differences } = judged.report;
      const { transforms, notes } = suggested;
      console.log(
        `# ${name} ${before.version} → ${version}: ${verdict}, ${differences.length} differences, ${transforms.length} transforms, ${notes.length} notes`,
      );
    }
    assert.deepEqual({ ...document, ...last }, document);
  });
}

function errorsOf(schema, references, document) {
  const compiled = Schema.compile(schema, { references });
  assert.ok(compiled.ok, JSON.stringify(compiled.problems));
  try {
    return compiled.schema.validate(JSON.stringify(document)).errors;
  } finally {
    compiled.schema.free();
  }
}
