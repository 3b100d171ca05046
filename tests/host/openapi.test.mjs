// The document and the routes, compared both ways, and the document on its own.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { publishedSchema, Schema } from "schema-senate";
import { createApp, openApiDocument } from "schema-senate-host";
import { addField, NOTE, startHost } from "./stage.mjs";

describe("openapi.json", () => {
  let senate;
  const document = openApiDocument();
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );

  before(async () => {
    senate = await startHost("memory:", {
      scope: { keywords_in: ["note"], keywords_out: ["advertising"], judges: ["dee"] },
      policy: { live_per_proposer: 10 },
    });
    await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
  });
  after(() => senate.close());

  test("every route is in the document, and everything in the document is a route", () => {
    const app = createApp(senate.host);
    const routed = app.routes
      .filter((route) => route.method !== "ALL")
      .map((route) => `${route.method.toLowerCase()} ${route.path.replaceAll(/:(\w+)/g, "{$1}")}`);
    const documented = operations.map(({ path, method }) => `${method} ${path}`);
    assert.deepEqual([...new Set(routed)].sort(), documented.sort());
  });

  test("is served as it stands", async () => {
    assert.deepEqual(await senate.read("/api/openapi.json"), document);
    assert.equal(document.openapi, "3.1.0");
  });

  test("every operation has a name of its own, a summary, answers, and the problem answer", () => {
    const names = operations.map(({ operation }) => operation.operationId);
    assert.equal(new Set(names).size, names.length);
    for (const { path, method, operation } of operations) {
      const where = `${method} ${path}`;
      assert.ok(operation.summary?.endsWith("."), where);
      assert.deepEqual(operation.responses.default, { $ref: "#/components/responses/Problem" }, where);
      const success = Object.keys(operation.responses).filter((status) => status.startsWith("2"));
      assert.equal(success.length, 1, where);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const declared = (operation.parameters ?? [])
        .map((one) => ("$ref" in one ? document.components.parameters[one.$ref.split("/").at(-1)] : one))
        .filter((one) => one.in === "path")
        .map((one) => one.name);
      assert.deepEqual(declared.sort(), inPath.sort(), where);
    }
  });

  test("every reference leads somewhere, and no component is left over", () => {
    const text = JSON.stringify(document);
    const used = new Set(
      [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)].map((match) => `${match[1]}/${match[2]}`),
    );
    const there = Object.entries(document.components).flatMap(([kind, all]) =>
      Object.keys(all).map((name) => `${kind}/${name}`),
    );
    assert.deepEqual([...used].sort(), there.sort());
  });

  test("every schema in it is one, by its own meta-schema", () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      // References resolve inside the document; here only the shape of each is looked at.
      const standing = JSON.parse(
        JSON.stringify(schema).replaceAll(/"\$ref":"#\/components\/schemas\/\w+"/g, '"$comment":"elsewhere"'),
      );
      const compiled = Schema.compile(JSON.stringify(standing), { draft: "2020-12" });
      assert.ok(compiled.ok, `${name}: ${JSON.stringify(compiled.problems)}`);
      compiled.schema.free();
    }
  });

  test("every example is what its schema asks for", () => {
    const defs = JSON.stringify(document.components.schemas).replaceAll("#/components/schemas/", "#/$defs/");
    const examples = operations.flatMap(({ operation }) =>
      [operation.requestBody, ...Object.values(operation.responses)]
        .flatMap((one) => Object.values(one?.content ?? {}))
        .filter(({ example }) => example !== undefined && typeof example === "object")
        .map(({ schema, example }) => ({ name: operation.operationId, schema, example })),
    );
    assert.ok(examples.length >= 20, `${examples.length} examples`);
    for (const { name, schema, example } of examples) {
      const of = JSON.stringify({ allOf: [schema] }).replaceAll("#/components/schemas/", "#/$defs/");
      const compiled = Schema.compile(`{"$defs":${defs},${of.slice(1)}`, { draft: "2020-12" });
      assert.ok(compiled.ok, `${name}: ${JSON.stringify(compiled.problems)}`);
      const { errors } = compiled.schema.validate(JSON.stringify(example));
      assert.deepEqual(errors, [], `${name}: ${JSON.stringify(errors)}`);
      compiled.schema.free();
    }
  });

  test("it promises nothing about drafts that the core would refuse to take", () => {
    // The core publishes what a draft may hold; the document must not be stricter in names.
    const { properties } = document.components.schemas.ProposalMetadata;
    const published = JSON.stringify(publishedSchema("proposal"));
    for (const name of Object.keys(properties)) assert.ok(published.includes(`"${name}"`), name);
  });

  test("an answer that breaks the promise is caught", async () => {
    // A host whose registry shows something that the document does not know.
    const view = senate.host.view.bind(senate.host);
    senate.host.view = async (name, params) => {
      const answer = await view(name, params);
      return name === "senate" ? { ...answer, view: { ...answer.view, colour: "red" } } : answer;
    };
    try {
      const answer = await senate.get("/api/senate");
      assert.equal(answer.status, 500);
      assert.equal(answer.body.code, "answer_not_as_promised");
      assert.match(answer.body.detail, /colour/);
    } finally {
      senate.host.view = view;
    }
    assert.equal((await senate.get("/api/senate")).status, 200);
  });

  test("every operation answers as promised at least once", async () => {
    // startHost validates each answer; what is not promised would be a 500.
    const { id, vote } = await senate.send("/api/senate/schema-proposal", {
      proposer_id: "ana",
      ...addField({ name: "a", schema: { type: "string" } }),
      open_voting: true,
    });
    const artifact = await senate.send("/api/artifacts", { artifact_type: "note", metadata: { text: "x" } });
    const other = await senate.send("/api/senate/schema-proposal", {
      proposer_id: "ben",
      ...addField({ name: "b", schema: { type: "string" } }),
    });
    const at = "/api/senate/schema-proposal";
    const about = (words, name) =>
      addField(
        { name, schema: {} },
        {
          rationale: `It is about ${words}, which somebody asks for each day.`,
          use_cases: [{ who: "ana", need: `look for ${words}` }],
        },
      );
    const create = async (draft) => (await senate.send(at, { proposer_id: "cho", ...draft })).id;
    const debated = await create(addField({ name: "debated", schema: {} }));
    const { concerns } = await senate.send(`${at}/${debated}/concern`, {
      by: "ana",
      name: "first",
      text: "A worry.",
    });
    // Types of their own: what one proposal changes, the others on its type are stale for.
    for (const type of ["held", "settled"])
      await senate.send(`/api/schemas/${type}`, { versions: [{ schema: NOTE }], by: "ana" });
    const held = await create(
      addField({ name: "held", schema: {} }, { title: "Held", target_artifact_type: "held" }),
    );
    const raised = await senate.send(`${at}/${held}/concern`, { by: "ana", name: "first", text: "A worry." });
    await senate.send(`${at}/${held}/open`, { by: "cho" });
    const outside = await create(about("advertising", "outside"));
    const unclear = await create(about("a note on advertising", "unclear"));
    const decided = await create(
      addField({ name: "decided", schema: {} }, { title: "Settled", target_artifact_type: "settled" }),
    );
    const subject = await senate.opened(decided, "cho");
    for (const voter of ["ana", "ben", "cho"]) await senate.vote(decided, voter, "yes", subject);
    const calls = {
      signing: ["GET", "/api/senate/signing/ana", 200],
      members: ["GET", "/api/senate/members", 200],
      policy: ["GET", "/api/senate/policy", 200],
      scope: ["GET", "/api/senate/scope", 200],
      checkpoint: ["GET", "/api/senate/checkpoint", 200],
      inclusion: ["GET", "/api/senate/log/inclusion?seq=2&size=3", 200],
      consistency: ["GET", "/api/senate/log/consistency?from=1&to=3", 200],
      rotateKey: ["POST", "/api/senate/keys/rotate", 200, { by: "dee" }],
      scopeEvaluate: ["POST", `${at}/scope-evaluate`, 200, addField({ name: "d", schema: {} })],
      precedents: ["POST", `${at}/precedents`, 200, addField({ name: "d", schema: {} })],
      certificate: ["GET", `${at}/${decided}/certificate`, 200],
      comment: [
        "POST",
        `${at}/${debated}/comment`,
        200,
        { by: "ana", text: "Why?", anchor: { pointer: "/properties/debated" } },
      ],
      raiseConcern: [
        "POST",
        `${at}/${debated}/concern`,
        200,
        { by: "ben", name: "second", text: "Another." },
      ],
      resolveConcern: [
        "POST",
        `${at}/${debated}/concern/${concerns[0].id}/resolve`,
        200,
        { by: "ana", text: "Well." },
      ],
      overrideConcern: [
        "POST",
        `${at}/${held}/concern/${raised.concerns[0].id}/override`,
        200,
        { by: "ben", reason: "Later." },
      ],
      recuse: ["POST", `${at}/${debated}/recuse`, 200, { by: "dee", reason: "My own work." }],
      revise: [
        "POST",
        `${at}/${debated}/revise`,
        200,
        { by: "cho", metadata: addField({ name: "redebated", schema: {} }).metadata },
      ],
      appeal: [
        "POST",
        `${at}/${outside}/appeal`,
        200,
        { by: "cho", justification: "It keeps advertising out of a note." },
      ],
      judgeScope: [
        "POST",
        `${at}/${unclear}/scope-verdict`,
        200,
        { by: "dee", verdict: "in_scope", reasoning: "It is on notes." },
      ],
      health: ["GET", "/health", 200],
      openapi: ["GET", "/api/openapi.json", 200],
      senate: ["GET", "/api/senate", 200],
      events: ["GET", "/api/senate/events", 200],
      proposals: ["GET", "/api/senate/schema-proposals?status=live&artifact_type=note&limit=1", 200],
      propose: [
        "POST",
        "/api/senate/schema-proposal",
        201,
        { proposer_id: "cho", ...addField({ name: "c", schema: {} }) },
      ],
      checkDraft: ["POST", "/api/senate/schema-proposal/check", 200, addField({ name: "d", schema: {} })],
      proposal: ["GET", `/api/senate/schema-proposal/${id}`, 200],
      storedVerdict: ["GET", `/api/senate/schema-proposal/${id}/stored-verdict?limit=1`, 200],
      storedVerdictOfDraft: [
        "POST",
        "/api/senate/schema-proposal/check/stored-verdict",
        200,
        addField({ name: "d", schema: {} }),
      ],
      openVote: ["POST", `/api/senate/schema-proposal/${other.id}/open`, 200, { by: "ben" }],
      vote: [
        "POST",
        `/api/senate/schema-proposal/${id}/vote`,
        200,
        { voter_id: "ana", choice: "yes", subject: vote.subject },
      ],
      withdraw: ["POST", `/api/senate/schema-proposal/${other.id}/withdraw`, 200, { by: "ben" }],
      migrate: ["POST", `/api/senate/schema-proposal/${id}/migrate`, 409, {}],
      rehearse: ["POST", `${at}/${debated}/rehearse`, 200],
      rehearsal: ["GET", `${at}/${debated}/rehearsal?samples=2`, 200],
      migration: ["GET", `${at}/${decided}/migration`, 200],
      migrationEvents: ["GET", `${at}/${decided}/migration/events`, 200],
      retryMigration: ["POST", `${at}/${decided}/migrate/retry`, 409, { by: "ana" }],
      abandonMigration: ["POST", `${at}/${decided}/migrate/abandon`, 409, { by: "cho", reason: "No." }],
      types: ["GET", "/api/schemas", 200],
      type: ["GET", "/api/schemas/note", 200],
      importType: [
        "POST",
        "/api/schemas/other",
        201,
        { versions: [{ schema: true, draft: "draft7" }], by: "ana" },
      ],
      schemaVersion: ["GET", "/api/schemas/note/versions/1", 200],
      transition: ["GET", "/api/schemas/note/transition?from=1&to=1", 200],
      draftContext: ["GET", "/api/schemas/note/context", 200],
      validate: ["POST", "/api/schemas/note/validate?version=1", 200, { text: 5 }],
      validateQuery: ["GET", "/api/schemas/note/validate?mode=warn&metadata=%7B%22text%22%3A5%7D", 200],
      startAudit: ["POST", "/api/schemas/note/audit", 202],
      audit: ["GET", "/api/schemas/note/audit?after=0&limit=5", 200],
      // Artifacts are at it.
      retireVersion: ["POST", "/api/schemas/note/versions/1/retire", 409, { by: "ana" }],
      compliance: ["GET", "/api/schemas/note/compliance", 200],
      artifacts: ["GET", "/api/artifacts?limit=1", 200],
      registerArtifact: ["POST", "/api/artifacts?mode=warn", 201, { artifact_type: "note", metadata: {} }],
      artifact: ["GET", `/api/artifacts/${artifact.id}?schema_version=stored`, 200],
      updateArtifact: [
        "PUT",
        `/api/artifacts/${artifact.id}?mode=skip`,
        200,
        { metadata: { text: "y" }, base_version: 1 },
      ],
      artifactVersions: ["GET", `/api/artifacts/${artifact.id}/versions?limit=1`, 200],
      artifactVersion: ["GET", `/api/artifacts/${artifact.id}/versions/1`, 200],
      pins: ["GET", `/api/artifacts/${artifact.id}/pins?version=1`, 200],
      recordStep: [
        "POST",
        "/api/processing-steps",
        201,
        {
          source_artifact_id: artifact.id,
          source_version: 1,
          target_artifact_id: artifact.id,
          step_type: "transformation",
          agent_id: "ana",
          method: "by hand",
          started_ms: 5,
        },
      ],
      processingHistory: [
        "GET",
        `/api/artifact/${artifact.id}/processing-history?direction=ancestors&depth=20`,
        200,
      ],
      reproducibilityCheck: ["GET", `/api/artifact/${artifact.id}/reproducibility-check?parameters={}`, 200],
    };
    assert.deepEqual(
      Object.keys(calls).sort(),
      operations.map(({ operation }) => operation.operationId).sort(),
    );
    for (const [name, [method, path, status, body]] of Object.entries(calls)) {
      const answer = await senate.call(method, path, body);
      assert.equal(answer.status, status, `${name}: ${answer.text.slice(0, 500)}`);
    }
    for (const draft of [
      { proposal_type: "policy_change", metadata: { policy: { voting_ms: 172_800_000 } } },
      { proposal_type: "scope_change", metadata: { scope: { in: ["Notes."] } } },
      { proposal_type: "membership_change", metadata: { changes: [{ retire: { id: "dee" } }] } },
    ]) {
      const rationale = "The team has talked about it for weeks, and this is what came out of it.";
      const metadata = { ...draft.metadata, rationale };
      const created = await senate.send(at, { proposer_id: "ben", ...draft, metadata });
      const on = await senate.opened(created.id, "ben");
      for (const voter of ["ana", "ben", "cho"]) await senate.vote(created.id, voter, "yes", on);
      assert.equal((await senate.read(`${at}/${created.id}`)).status, "active", draft.proposal_type);
      await senate.read(`${at}/${created.id}/certificate`);
    }
    for (const path of ["members", "policy", "scope"]) await senate.read(`/api/senate/${path}`);
    const fresh = await senate.read("/api/schemas/new_type/context");
    assert.ok(!("current" in fresh));
  });

  test("the lines of the log are events as the document has them", async () => {
    const { text } = await senate.get("/api/senate/events?from=2");
    const lines = text.trimEnd().split("\n");
    assert.equal(JSON.parse(lines[0]).seq, 2);
    const event = document.components.schemas.SenateEvent;
    assert.deepEqual(
      Object.keys(
        lines.map((line) => JSON.parse(line)).find(({ event: name }) => name === "ballot_cast"),
      ).sort(),
      ["act", "at_ms", "event", "proposal_id", "seq"],
    );
    const schema = Schema.compile(
      JSON.stringify({
        ...event,
        properties: { ...event.properties, at_ms: document.components.schemas.Milliseconds },
      }),
    ).schema;
    // The core's own form of each event, which is stricter.
    const published = publishedSchema("event");
    assert.deepEqual(
      [...event.properties.event.enum].sort(),
      published.oneOf.map(({ $ref }) => $ref.split("/").at(-1)).sort(),
    );
    const others = ["command", "proposal", "field_spec", "policy", "members", "scope"].map((name) =>
      publishedSchema(name),
    );
    const changes = ["policy_change", "membership_change", "scope_change"].map((name) =>
      publishedSchema(name),
    );
    const compiled = Schema.compile(JSON.stringify(published), {
      references: Object.fromEntries([...others, ...changes].map((one) => [one.$id, one])),
    });
    assert.ok(compiled.ok, JSON.stringify(compiled.problems));
    const form = compiled.schema;
    for (const line of lines) {
      assert.deepEqual(schema.validate(line).errors, [], line);
      assert.deepEqual(form.validate(line).errors, [], line);
    }
    schema.free();
    form.free();
  });
});
