/**
 * Published schemas of three projects, taken through a senate as their maintainers would: the history imported, real
 * documents validated, a real change proposed, voted and made current.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import * as CycloneDX from "@cyclonedx/cyclonedx-library";
import { senate, serveThree } from "../cli/senate.mjs";
import { packageFolder } from "./packages.mjs";

let host;
before(async () => {
  host = await serveThree();
});
after(async () => {
  await host?.stop();
});

const run = (args, input) => senate(args, { input, env: { SENATE_HOST: host.url } });

/** Runs with --json; fails with what the program said unless it exits as expected. */
async function answer(args, { input, code = 0 } = {}) {
  const result = await run([...args, "--json"], input);
  assert.equal(
    result.code,
    code,
    `senate ${args.slice(0, 4).join(" ")}: ${result.stdout.slice(0, 2_000)}${result.stderr}`,
  );
  return result.json();
}

/** Validates a document under a registered version, as a client of the host does. */
async function validate(type, document, version) {
  const query = version === undefined ? "" : `?version=${version}`;
  const response = await fetch(`${host.url}/api/schemas/${type}/validate${query}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof document === "string" ? document : JSON.stringify(document),
  });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

/** Proposes, opens and lets everybody vote yes. */
async function approve(draft) {
  const proposed = await answer(["propose", "-", "--as", "ana", "--open"], { input: JSON.stringify(draft) });
  let view = proposed;
  for (const voter of ["ana", "ben", "eva"]) {
    if (view.status === "voting") view = await answer(["vote", proposed.id, "yes", "--as", voter]);
  }
  return { proposed, view };
}

describe("AsyncAPI 2.0.0 to 2.6.0", () => {
  const specs = packageFolder("@asyncapi/specs");
  const minors = [0, 1, 2, 3, 4, 5];
  const published = (minor) => specs(`schemas/2.${minor}.0-without-$id.json`);

  /** A document of the objects that the project publishes as examples of 2.6.0. */
  async function example(version) {
    const part = async (name) => JSON.parse(await readFile(specs(`examples/2.6.0/${name}.json`), "utf8"))[0];
    return {
      asyncapi: version,
      info: { ...(await part("info")), version: "1.0.1" },
      channels: await part("channels"),
    };
  }

  test("six versions become the history of one type", async () => {
    const { types } = await answer(["import", "--as", "ana", "--type", "asyncapi", ...minors.map(published)]);
    assert.deepEqual([types[0].artifact_type, types[0].version], ["asyncapi", 6]);
    const { history, current } = await answer(["show", "asyncapi"]);
    assert.equal(history.length, 6);
    assert.equal(current.draft, "draft7");
    assert.deepEqual(
      history.map(({ version, differences }) => [version, differences.length > 0]),
      minors.map((minor) => [minor + 1, minor > 0]),
    );
    assert.equal(
      JSON.stringify(current.schema),
      JSON.stringify(JSON.parse(await readFile(published(5), "utf8"))),
    );
  });

  test("each version takes documents of its own number only", async () => {
    for (const minor of [0, 5]) {
      const document = await example(`2.${minor}.0`);
      assert.deepEqual((await validate("asyncapi", document, minor + 1)).errors, []);
      const { valid, errors } = await validate("asyncapi", document, minor === 0 ? 6 : 1);
      assert.equal(valid, false);
      assert.ok(errors.some(({ instance_path }) => instance_path === "/asyncapi"));
    }
    const { valid, errors } = await validate("asyncapi", {
      ...(await example("2.5.0")),
      info: { title: "no version" },
    });
    assert.equal(valid, false);
    assert.ok(
      errors.some(({ code, instance_path }) => code === "schema_required" && instance_path === "/info"),
    );
  });

  test("the step to 2.6.0 is breaking, needs everybody, and becomes current", async () => {
    const schema = JSON.parse(await readFile(published(6), "utf8"));
    const draft = {
      proposal_type: "schema_change",
      title: "AsyncAPI 2.6.0",
      metadata: {
        target_artifact_type: "asyncapi",
        change_type: "modify_field",
        field_spec: { path: "", schema },
        rationale: "Servers, channels and schemas are to be described as the specification of 2.6.0 says.",
        use_cases: [
          {
            who: "the team of the message bus",
            need: "to describe tags of servers, which 2.5.0 has no place for",
          },
        ],
        migration_plan: {
          none_needed: "Documents name their version; those of 2.5.0 stay pinned to version 6.",
        },
        backward_compatible: true,
      },
    };
    const check = await answer(["check-draft", "-"], { input: JSON.stringify(draft) });
    assert.equal(check.claim.agrees, false);
    assert.equal(check.track, "breaking");
    assert.equal(check.needed.yes, 3);
    const { proposed, view } = await approve(draft);
    assert.notEqual(proposed.compatibility.verdict, "compatible");
    assert.equal(view.status, "active", JSON.stringify(view.migration));
    assert.equal(view.vote.tally.yes, 3);
    const { current, history } = await answer(["show", "asyncapi"]);
    assert.equal(current.version, 7);
    assert.equal(history.length, 7);
    assert.deepEqual(current.schema, schema);
    assert.deepEqual((await validate("asyncapi", await example("2.6.0"))).errors, []);
    assert.equal((await validate("asyncapi", await example("2.5.0"))).valid, false);
    assert.equal((await validate("asyncapi", await example("2.5.0"), 6)).valid, true);
  });
});

describe("CycloneDX 1.2 to 1.7", () => {
  const library = packageFolder("@cyclonedx/cyclonedx-library");
  const schema = (name) => library(`res/schema/${name}.SNAPSHOT.schema.json`);
  const versions = ["1.2", "1.3", "1.4", "1.5", "1.6"];
  const refs = ["spdx", "jsf-0.82", "cryptography-defs"].flatMap((name) => ["--ref", schema(name)]);

  /** The bill of materials of this workspace, by the project's own library. */
  async function bill(version) {
    const { Models, Enums, Serialize, Spec } = CycloneDX;
    const lock = JSON.parse(await readFile(new URL("../../package-lock.json", import.meta.url), "utf8"));
    const bom = new Models.Bom({ serialNumber: "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79" });
    bom.metadata.component = new Models.Component(Enums.ComponentType.Application, "schema-senate", {
      version: "0.1.0",
    });
    for (const [path, entry] of Object.entries(lock.packages)) {
      const name = path.split("node_modules/").at(-1);
      if (!path.includes("node_modules/") || entry.link === true || entry.version === undefined) continue;
      const component = new Models.Component(Enums.ComponentType.Library, name, { version: entry.version });
      if (/^[\w.-]+$/.test(entry.license ?? ""))
        component.licenses.add(new Models.NamedLicense(entry.license));
      bom.components.add(component);
    }
    assert.ok(bom.components.size > 50);
    const factory = new Serialize.JSON.Normalize.Factory(Spec[`Spec${version.replace(".", "dot")}`]);
    return new Serialize.JsonSerializer(factory).serialize(bom);
  }

  test("five versions become the history of one type, each with the documents that it names", async () => {
    const { types } = await answer([
      "import",
      "--as",
      "ana",
      "--type",
      "bom",
      ...versions.map((version) => schema(`bom-${version}`)),
      ...refs,
    ]);
    assert.equal(types[0].version, 5);
    const { history } = await answer(["show", "bom"]);
    const base = "http://cyclonedx.org/schema/";
    assert.deepEqual(
      history.map(({ references }) => Object.keys(references).sort()),
      [
        [`${base}spdx.SNAPSHOT.schema.json`],
        [`${base}spdx.SNAPSHOT.schema.json`],
        [`${base}jsf-0.82.SNAPSHOT.schema.json`, `${base}spdx.SNAPSHOT.schema.json`],
        [`${base}jsf-0.82.SNAPSHOT.schema.json`, `${base}spdx.SNAPSHOT.schema.json`],
        [`${base}jsf-0.82.SNAPSHOT.schema.json`, `${base}spdx.SNAPSHOT.schema.json`],
      ],
    );
  });

  test("1.7 names a third document, and is a type of its own here", async () => {
    await answer(["import", "--as", "ana", "--type", "bom_1_7", schema("bom-1.7"), ...refs]);
    const { current } = await answer(["show", "bom_1_7"]);
    assert.equal(Object.keys(current.references).length, 3);
    assert.deepEqual((await validate("bom_1_7", await bill("1.7"))).errors, []);
  });

  test("the bill of materials of this workspace is valid under each version, and a damaged one is not", async () => {
    for (const [index, version] of versions.entries()) {
      const text = await bill(version);
      assert.deepEqual((await validate("bom", text, index + 1)).errors, [], version);
      const damaged = JSON.parse(text);
      damaged.components[3].type = "libary";
      damaged.components[4].licenses = [{ license: { id: "No-Such-License" } }];
      const { valid, errors } = await validate("bom", damaged, index + 1);
      assert.equal(valid, false);
      const places = errors.map(({ instance_path }) => instance_path);
      assert.ok(
        places.some((place) => place.startsWith("/components/3/type")),
        `${version}: ${places}`,
      );
      assert.ok(
        places.some((place) => place.startsWith("/components/4/licenses")),
        `${version}: ${places}`,
      );
    }
  });

  test("an optional field on a closed object is additive: two of three suffice", async () => {
    const before = await answer(["show", "bom"]);
    assert.equal(before.current.schema.additionalProperties, false);
    const draft = {
      proposal_type: "schema_change",
      title: "Say who reviewed a bill of materials",
      metadata: {
        target_artifact_type: "bom",
        change_type: "add_field",
        field_spec: {
          name: "reviews",
          schema: {
            type: "array",
            items: {
              type: "object",
              required: ["reviewer", "at"],
              properties: { reviewer: { type: "string" }, at: { type: "string", format: "date-time" } },
            },
          },
        },
        rationale: "A release is stopped when its bill of materials has no review of the last thirty days.",
        use_cases: [
          { who: "the release job", need: "to read the date of the last review from the document itself" },
        ],
        migration_plan: { none_needed: "The field is optional." },
        backward_compatible: true,
      },
    };
    const { proposed, view } = await approve(draft);
    assert.equal(proposed.compatibility.verdict, "compatible", proposed.compatibility.reason);
    assert.equal(proposed.track, "additive");
    assert.equal(view.status, "active");
    assert.deepEqual([view.vote.tally.yes, view.vote.tally.not_voted], [2, 1]);
    const { current } = await answer(["show", "bom"]);
    assert.equal(current.version, 6);
    assert.deepEqual(current.references, before.current.references);
    const reviewed = JSON.parse(await bill("1.6"));
    assert.equal((await validate("bom", reviewed)).valid, true);
    reviewed.reviews = [{ reviewer: "eva", at: "2026-11-21T08:00:00Z" }];
    assert.deepEqual((await validate("bom", reviewed)).errors, []);
    assert.equal((await validate("bom", reviewed, 5)).valid, false);
    reviewed.reviews = [{ reviewer: "eva" }];
    assert.equal((await validate("bom", reviewed)).valid, false);
  });
});

describe("Vega-Lite 4 and 5", () => {
  const majors = ["vega-lite-4", "vega-lite-5"].map((name) =>
    packageFolder(name)("build/vega-lite-schema.json"),
  );
  const bars = {
    data: {
      values: [
        { trial: "a", result: 28 },
        { trial: "b", result: 55 },
      ],
    },
    mark: "bar",
    encoding: { x: { field: "trial", type: "nominal" }, y: { field: "result", type: "quantitative" } },
  };
  const selection = { ...bars, selection: { brush: { type: "interval" } } };
  const params = { ...bars, params: [{ name: "brush", select: "interval" }] };

  test("1.7 MB each: two majors become one history", async () => {
    const { types } = await answer(["import", "--as", "ana", "--type", "chart", ...majors]);
    assert.equal(types[0].version, 2);
  });

  test("charts of both majors, and what version 5 took away", async () => {
    for (const version of [1, 2]) assert.deepEqual((await validate("chart", bars, version)).errors, []);
    assert.equal((await validate("chart", selection, 1)).valid, true);
    assert.equal((await validate("chart", params, 2)).valid, true);
    assert.equal((await validate("chart", params, 1)).valid, false);
    assert.equal((await validate("chart", { ...bars, mark: "pie" })).valid, false);
  });

  test(
    "the step from 4 to 5 is not compatible, and the answer comes in bounded time",
    { timeout: 120_000 },
    async () => {
      const report = await answer(["check-compat", ...majors], { code: 1 });
      assert.notEqual(report.verdict, "compatible");
      assert.ok(report.reason.length > 0);
    },
  );
});
