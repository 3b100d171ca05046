/** The API as its users write it, compiled under each module resolution. */
import {
  batchLine,
  canonicalize,
  checkCompatibility,
  checkDraft,
  defaultPolicy,
  digest,
  init,
  migrateArtifact,
  Migration,
  MisuseError,
  newId,
  planMigration,
  publishedSchema,
  restoreArtifact,
  Schema,
  Senate,
  suggestMigration,
  tally,
  version,
  type Command,
  type CompatibilityReport,
  type Decision,
  type DraftContext,
  type Evidence,
  type Plan,
  type Policy,
  type Problem,
  type ProposalDraft,
  type ProposalView,
  type Transform,
  type Validation,
} from "schema-senate";

export async function start(bytes: Uint8Array): Promise<void> {
  await init();
  await init("/schema_senate.wasm");
  await init(new URL("https://example.org/schema_senate.wasm"));
  await init(bytes);
}

export function texts(bytes: Uint8Array): string | Problem {
  const answer = canonicalize(bytes);
  if (!answer.ok) return answer.problem;
  const hashed = digest({ a: 1 }, "schema");
  return hashed.ok ? `${answer.canonical} ${hashed.digest}` : hashed.problem;
}

export function schemas(text: string): Validation | Problem[] {
  const compiled = Schema.compile(text, {
    draft: "draft7",
    formats: "assertion",
    references: { "https://example.org/a": "{}", "https://example.org/b": true },
  });
  if (!compiled.ok) return compiled.problems;
  using schema = compiled.schema;
  const { draft } = schema;
  if (draft === "2020-12" || schema.isValid({ a: 1 })) return { valid: true, errors: [] };
  const validation = schema.validate('{"a":1.0}');
  for (const { code, instance_path, offset = 0 } of validation.errors)
    console.log(code, instance_path, offset);
  return validation;
}

export function verdict(before: object, after: object): CompatibilityReport | undefined {
  const checked = checkCompatibility(before, after, {
    mode: "full_transitive",
    assumptions: ["closed_writers", "defaults_filled"],
    formats: "assertion",
    steps: 10_000,
    history: ["{}"],
    draft: "2019-09",
  });
  if (!checked.ok) return undefined;
  const { report } = checked;
  for (const { assumption, witness, sentence } of report.ruled_out ?? [])
    console.log(assumption, JSON.stringify(witness), sentence, report.against);
  if ("witness" in report) console.log(JSON.stringify(report.witness));
  switch (report.verdict) {
    case "compatible":
      return report;
    case "breaking":
    case "undecided":
      return {
        ...report,
        differences: report.differences.filter(
          ({ new_pointer, hurts, repair, fingerprint }) =>
            new_pointer !== undefined &&
            hurts.includes("old_data") &&
            repair !== "" &&
            fingerprint.length === 12,
        ),
      };
  }
}

export function votes(policy: Partial<Policy> = defaultPolicy()): string {
  const counted = tally({ policy, track: "additive", members: 6, yes: 3, no: 1, abstain: 0 });
  if (!counted.ok) return counted.problem.remedy ?? counted.problem.message;
  const { needed, words } = counted.tally;
  return needed === null ? "never" : `${words}: ${needed.toFixed(0)}`;
}

export function drafts(context: DraftContext): Plan | undefined {
  const draft: ProposalDraft = {
    proposal_type: "schema_change",
    metadata: {
      target_artifact_type: "run",
      change_type: "add_field",
      field_spec: { name: "seed", schema: { type: "integer" }, default: 0 },
      rationale: "Runs cannot be told apart.",
      use_cases: [{ who: "the nightly comparison", need: "tells runs apart" }],
      migration_plan: { none_needed: "optional" },
      backward_compatible: true,
    },
  };
  const checked = checkDraft(draft, context);
  const again = checkDraft(JSON.stringify(draft), JSON.stringify(context));
  if (checked.ok !== again.ok) console.log(checked.problems.map(({ pointer }) => pointer));
  if (checked.migration === undefined) return undefined;
  const migrated = migrateArtifact(checked.migration, { name: "a" });
  if (migrated.ok && migrated.changed) console.log(migrated.artifact);
  return checked.migration;
}

export function migrations(plan: Plan, report: Evidence): Command | undefined {
  const compiled = Migration.compile(plan);
  if (!compiled.ok) return undefined;
  using migration = compiled.migration;
  const record = { before: '{"a":1}', after: { b: 1 } };
  const made = migration.up('{"a":1}', record);
  if (made.ok && made.changed) console.log(made.artifact, made.skipped[0]?.code);
  const verified = migration.verify({ a: 1 }, { b: 1 });
  if (verified.ok && !verified.matches) console.log(verified.digest, migration.down({ b: 1 }));
  const steps: Transform[] = [
    { op: "add", path: "/a", value: 0 },
    { op: "convert", path: "/b/*", rule: "string_to_integer", otherwise: { value: 0 } },
    { op: "map", path: "/c", values: [{ from: "x", to: "y", when: { path: "/d", equals: null } }] },
    { op: "unwrap", path: "/e", otherwise: "first" },
  ];
  const suggested = suggestMigration("{}", "{}", { artifact_type: "run", draft: "draft7" });
  if (suggested.ok) console.log(suggested.sql.sqlite.up.join("\n"), suggested.lint[0]?.code, steps.length);
  const planned = planMigration({ schema: {}, change_type: "remove_field", field_spec: { path: "/a" } });
  if (planned.ok) console.log(planned.sql.postgresql.up.length, planned.next_schema);
  restoreArtifact({ a: 1 }, { b: 1 }, { b: 2 });
  return { command: "record_rehearsal", proposal_id: "", plan: "", evidence: report };
}

export function life(log: string, command: Command): Decision {
  const replayed = Senate.replay(log);
  if (!replayed.ok) throw new Error(replayed.problem.message);
  using senate = replayed.senate;
  const decision = senate.decide(command, { nowMs: Date.now() });
  if (!decision.ok) return decision;
  const applied = senate.apply(decision.events);
  if (applied.ok) console.log(applied.seq, senate.seq);
  const viewed = senate.view("proposal", { proposal_id: newId({ nowMs: 1, entropy: "00".repeat(10) }) }, 1);
  const proposal: ProposalView | undefined = viewed.ok ? viewed.view : undefined;
  const transition = senate.view("transition", { artifact_type: "run", from: 1, to: 2 }, 1);
  if (transition.ok) console.log(transition.view.transforms[0]?.op, proposal?.migration?.rehearsal?.passed);
  const upcast = senate.upcast("run", 1, 2, { name: "a" });
  if (upcast.ok) console.log(upcast.artifact);
  const listed = senate.view("proposals", { status: "live", limit: 10 }, 1);
  if (listed.ok)
    for (const { id, status } of listed.view.proposals) console.log(id, status === proposal?.status);
  return senate.decide(JSON.stringify(command), { nowMs: 2, entropy: "00".repeat(10) });
}

export function others(): unknown[] {
  try {
    return [batchLine("tally", "{}"), publishedSchema("proposal"), version().version];
  } catch (error) {
    if (error instanceof MisuseError && error.code === "not_initialised") return [];
    throw error;
  }
}
