/**
 * schema-senate: the policy core, compiled to WebAssembly.
 *
 * Documents cross as JSON **text** (`string` or UTF-8 `Uint8Array`). Where a plain object is accepted
 * it is passed through `JSON.stringify` first, so a number written `1.0` or beyond 2^53 keeps its
 * spelling only when you pass text. Members of documents are snake_case; functions are camelCase.
 *
 * A domain outcome (invalid, breaking, refused) is a **returned value** with a stable `code`, a JSON Pointer,
 * a sentence and, where there is one, the remedy. Only misuse of the API throws, a {@link MisuseError}.
 */

export * from "./evidence.js";
export * from "./senate.js";
export * from "./votes.js";

import type { PartialPolicy } from "./votes.js";

// ---------------------------------------------------------------- documents

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** JSON text, or a plain object that the wrapper stringifies. A `string` is always JSON text, never a JSON string value. */
export type JsonInput = string | Uint8Array | object | boolean;

/** `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = string;

/** Milliseconds since 1970-01-01T00:00:00Z, an integer. */
export type Milliseconds = number;

/** What is wrong, where, and what to do about it. */
export interface Problem {
  /** Stable, snake_case; listed in docs/codes.md. */
  code: string;
  severity: "error" | "warning";
  /** JSON Pointer (RFC 6901) into the document that was given; "" is the whole document. */
  pointer: string;
  /** One sentence for people. */
  message: string;
  /** What would make it right, when there is something. */
  remedy?: string;
  /** Byte offset into the UTF-8 text, for problems of the text itself. */
  offset?: number;
}

export type Draft = "draft4" | "draft6" | "draft7" | "2019-09" | "2020-12";
export type ChangeType = "add_field" | "modify_field" | "remove_field" | "rename_field" | "add_type";
export type Choice = "yes" | "no" | "abstain";
export type Track = "additive" | "breaking" | "new_type" | "policy" | "membership" | "scope" | "emergency";
export type Verdict = "compatible" | "breaking" | "undecided";
/** `review` and `voting` are live; `cooling`, `approved`, `migrating` and `migration_failed` go on; the others are final. */
export type Status =
  | "review"
  | "voting"
  | "cooling"
  | "approved"
  | "migrating"
  | "active"
  | "migration_failed"
  | "abandoned"
  | "superseded"
  | "rejected"
  | "expired"
  | "withdrawn"
  | "stale";

/** The six metadata fields of the mission, and the use cases that the rationale must reference. */
export interface ProposalMetadata {
  /** The type to modify, or `"new_type"` for `add_type`. */
  target_artifact_type: string;
  change_type: ChangeType;
  field_spec: FieldSpec;
  /** Why. Must reference specific use cases, in `use_cases` or in the text. */
  rationale: string;
  use_cases?: UseCase[];
  migration_plan: MigrationPlan;
  /** The proposer's claim. The core computes the verdict itself; a false claim never lowers the threshold. */
  backward_compatible: boolean;
}

export interface UseCase {
  /** Who or what needs it: an agent, a team, an artifact, a report, a ticket. */
  who: string;
  /** What they need it for. */
  need: string;
}

/**
 * A path is a JSON Pointer over field names (`/design/blinding`); the segment `*` steps into each item of an array. With
 * `transforms` the proposer says what is done to artifacts before what the change itself implies; nothing is inferred then.
 */
export type FieldSpec =
  | { name: string; schema: Json; required?: boolean; default?: Json; transforms?: Transform[] }
  | { path: string; schema: Json; required?: boolean; default?: Json; transforms?: Transform[] }
  | { path: string; schema: Json; transforms?: Transform[] }
  /** `modify_field`: the version before the current one comes back, with what its artifacts were. */
  | { revert_to: number }
  | { path: string; transforms?: Transform[] }
  | { from: string; to: string }
  | { name: string; schema: Json; description?: string; evolution?: Evolution };

/** SQL and a backfill strategy, or why none is needed. `strategy` overrides the type's evolution for this change. */
export type MigrationPlan =
  { sql: string; backfill: string; strategy?: Evolution } | { none_needed: string; strategy?: Evolution };

/** What a proposer submits. */
export interface ProposalDraft {
  proposal_type: "schema_change";
  title?: string;
  metadata: ProposalMetadata;
}

// ---------------------------------------------------------------- text

export type Answer<T> = ({ ok: true } & T) | { ok: false; problem: Problem };
export type Answers<T> = ({ ok: true } & T) | { ok: false; problems: Problem[] };

/** RFC 8785 canonical text of a JSON text, and the SHA-256 of its UTF-8 bytes. */
export function canonicalize(text: JsonInput): Answer<{ canonical: string; digest: Digest }>;

/** Kinds of object that are hashed under a domain tag of their own, so none replays as another. `"document"` is untagged. */
export type DigestKind =
  | "document"
  | "schema"
  | "proposal"
  | "policy"
  | "electorate"
  | "report"
  | "plan"
  | "subject"
  | "event"
  | "act"
  | "key"
  | "record"
  | "scope"
  | "rule"
  | "roster"
  | "evidence";
export function digest(text: JsonInput, kind?: DigestKind): Answer<{ digest: Digest }>;

// ---------------------------------------------------------------- schema

export interface SchemaOptions {
  /**
   * The dialect of a schema whose `$schema` names none that is known. Without it a schema that has no `$schema` is read as
   * 2020-12, and one that names an unknown dialect is refused.
   */
  draft?: Draft;
  /** Whether `format` asserts. Default `"annotation"`. */
  formats?: "annotation" | "assertion";
  /** Documents that `$ref` may name, by absolute URI. Nothing is ever fetched. */
  references?: Record<string, JsonInput>;
}

export interface ValidationError {
  /** `schema_` and the keyword in snake_case, e.g. `schema_required`; or a `json_…` code when the text is not JSON. */
  code: string;
  keyword?: string;
  /** JSON Pointer into the artifact. */
  instance_path: string;
  /** JSON Pointer into the schema. */
  schema_path: string;
  message: string;
  /** Byte offset, when the text is not JSON. */
  offset?: number;
}

export interface Validation {
  valid: boolean;
  /** At most 256; `truncated` says when there were more. */
  errors: ValidationError[];
  truncated?: boolean;
}

/** A schema, read, checked against its meta-schema and compiled once. Free it, or let `using` do so. */
export class Schema {
  private constructor();
  static compile(text: JsonInput, options?: SchemaOptions): Answers<{ schema: Schema }>;
  readonly draft: Draft;
  /** Empty when a number in the schema has no canonical form. */
  readonly digest: Digest | "";
  /** False also for text that is not JSON. */
  isValid(artifact: JsonInput): boolean;
  validate(artifact: JsonInput): Validation;
  free(): void;
  [Symbol.dispose](): void;
}

// ---------------------------------------------------------------- compatibility

/**
 * Whom a difference can hurt. `old_data`: artifacts written under the old schema, which the new one may refuse. `old_readers`:
 * readers that know the old schema only, which may refuse artifacts written under the new one.
 */
export type Hurts = "old_data" | "old_readers";

export interface Difference {
  /** Stable rule id, e.g. `property_added_required`, `enum_value_removed`, `type_narrowed`; see `docs/differences.md`. */
  rule: string;
  /** Whom it can hurt, `old_data` first; empty for nobody. */
  hurts: Hurts[];
  /** JSON Pointers into the old and the new schema; absent on the side where the place does not exist. */
  old_pointer?: string;
  new_pointer?: string;
  message: string;
  /** What would make the change compatible; absent where nobody is hurt. */
  repair?: string;
  /** Twelve hexadecimal digits of the rule, the place and the values: the same while they are. The message has no part in it. */
  fingerprint: string;
}

/**
 * Backward: is every artifact that is valid under the old schema also valid under the new one? Forward: the other way
 * round. Full: both. The transitive modes ask it of every version of a history.
 */
export type Mode =
  "backward" | "forward" | "full" | "backward_transitive" | "forward_transitive" | "full_transitive";

/**
 * What is taken for granted beyond the schemas. The writer's side is the old schema in a backward question and the new
 * one in a forward question; the reader's side is the other. No assumption makes a compatible change a breaking one.
 *
 * - `closed_writers`: writers emit only properties that their schema declares. An object schema that declares properties
 *   and has no schema for further ones is read as closed; the names of everything that applies to the same place
 *   (`allOf`, `anyOf`, `$ref`, …) stay allowed together, and so do names that are required.
 * - `tolerant_enum_readers`: on the reader's side strings in `enum` and `const` stand for any string.
 * - `defaults_filled`: readers fill in the default of a required property that is absent, where the default is valid.
 *
 * What stands in `not` and `if` is never touched. Lenient, as other registries call it, is `closed_writers` with
 * `defaults_filled`; strict is none.
 */
export type Assumption = "closed_writers" | "tolerant_enum_readers" | "defaults_filled";

export interface RuledOut {
  /** The assumption without which a direction has a worse verdict. */
  assumption: Assumption;
  /** An artifact that breaks without it, while the other assumptions stay. Absent when the verdict is undecided then. */
  witness?: Json;
  /** The same for a person. */
  sentence: string;
}

export interface CompatibilityReport {
  verdict: Verdict;
  mode: Mode;
  /** Why, in one sentence; for `undecided`, what stopped the proof. */
  reason: string;
  differences: Difference[];
  /**
   * An artifact that the change breaks: accepted by the schema that is left and refused by the one that is entered. Test
   * for the member, not for its value: it may be `null` or `false`.
   */
  witness?: Json;
  /**
   * The witness as JSON text, where parsing changes it: `1.0` is no integer in draft-04, and 9007199254740993 is no double.
   */
  witness_text?: string;
  /** Where the witness is refused. */
  witness_place?: WitnessPlace;
  /**
   * With `compatible` only: the trace of the proof, which a checker of its own has gone through. In the mode `full` it has the
   * members `backward` and `forward`. What it holds stands in `docs/proofs.md`.
   */
  proof?: Json;
  /** With `undecided` only: what stopped the engine. */
  stopped_by?: StoppedBy;
  /** Steps of the engine that the answer took. The same everywhere. */
  steps: number;
  /**
   * With `history` only: the version that the report compares with, an index into `[...history, oldSchema]`. In a
   * transitive mode the newest of those with the worst verdict.
   */
  against?: number;
  /** What was taken for granted; absent when nothing was. */
  assumptions?: Assumption[];
  /** What the assumptions hide; absent when they change no verdict. */
  ruled_out?: RuledOut[];
}

/** How the changes of a type are judged. The default is backward, without assumptions. */
export interface CompatibilitySetting {
  mode: Mode;
  assumptions: Assumption[];
}

export interface WitnessPlace {
  /** Who refuses it: `old` where the question was a forward one. */
  refused_by: "old" | "new";
  /** JSON Pointer into the witness to the value to look at: the one that is refused, or the member or item in it that is not allowed. */
  pointer: string;
  /** JSON Pointer into the witness to the value that is refused. */
  instance_pointer: string;
  /** JSON Pointer to the keyword that refuses it, in the schema that is entered; references are not part of it. */
  schema_pointer: string;
  keyword: string;
  /** Why, in one sentence. */
  message: string;
  /** Index of the difference in `differences` that the keyword belongs to. */
  difference?: number;
}

export interface StoppedBy {
  /**
   * `steps`: the budget was used up; `depth`: values too deep inside one another; `keyword`: something that is not modelled;
   * `validator`: a counterexample that the validator did not confirm; `checker`: a proof that its checker did not accept.
   */
  what: "steps" | "depth" | "keyword" | "validator" | "checker";
  /** Why, as part of a sentence. */
  message: string;
}

export interface CompatibilityOptions {
  /** Default `backward`. */
  mode?: Mode;
  /** Default none: strict. */
  assumptions?: readonly Assumption[];
  /** What `format` does; default `annotation`. */
  formats?: "annotation" | "assertion";
  /**
   * Steps of the engine that one question may take before it stays undecided; default 500,000. The same schemas and the
   * same budget have the same answer everywhere.
   */
  steps?: number;
  /** The dialect of schemas that do not name one; default `2020-12`. */
  draft?: Draft;
  /** Documents that `$ref` may name, by absolute URI. Nothing is fetched. */
  references?: Record<string, JsonInput>;
  /** The versions before `oldSchema`, the oldest first. */
  history?: readonly JsonInput[];
}

/** Whom the change breaks. Undecided counts as breaking. */
export function checkCompatibility(
  oldSchema: JsonInput,
  newSchema: JsonInput,
  options?: CompatibilityOptions,
): Answers<{ report: CompatibilityReport }>;

// ---------------------------------------------------------------- drafts

/** What a draft is checked against: what a host answers to `GET /api/schemas/{type}/context`. */
export interface DraftContext {
  /** The current version of the draft's target; absent for `add_type` and for an unknown type. */
  current?: {
    artifact_type: string;
    version: number;
    schema: Json;
    references?: Record<string, Json>;
    /** Its dialect, when its `$schema` does not say. */
    draft?: Draft;
    /** How its changes are judged; absent for the default. */
    compatibility?: Partial<CompatibilitySetting>;
    /** How its artifacts follow; absent for `batch`. */
    evolution?: Evolution;
    /** The version before this one, which `revert_to` restores, and the plan that led away from it. */
    previous?: {
      version: number;
      schema: Json;
      references?: Record<string, Json>;
      draft?: Draft;
      plan?: Plan;
    };
    /** The versions before this one, the oldest first; a transitive mode asks about each of them. */
    history?: { schema: Json; references?: Record<string, Json>; draft?: Draft }[];
  };
  /** Names of all registered types. */
  artifact_types: string[];
  policy?: PartialPolicy;
  /** How many members the electorate would have if the vote opened now. */
  members?: number;
}

export interface DraftCheck {
  /** No problem of severity `error`. */
  ok: boolean;
  problems: Problem[];
  /** What was taken for the use cases that the rationale must reference. */
  use_cases: string[];
  /** The next schema, when the change could be applied. */
  next_schema?: Json;
  /** JSON Pointer into the next schema to what changed. */
  changed_at?: string;
  /** `modify`, `add_type`: the type that the proposal will touch. */
  artifact_type?: string;
  compatibility?: CompatibilityReport;
  claim?: Claim;
  track?: Track;
  /** The vote it will need, in numbers and words. Absent when the context has no `members`. */
  needed?: { yes: number | null; of: number; words: string };
  migration?: Plan;
}

export interface Claim {
  declared: boolean;
  computed: Verdict;
  agrees: boolean;
}

/** Everything that can be said about a draft without a vote; fast enough to call while it is typed. */
export function checkDraft(draft: JsonInput, context: DraftContext | string): DraftCheck;

// ---------------------------------------------------------------- migration

/** When stored artifacts follow: all at once; when they are read; when they are read, and then they are stored so. */
export type Evolution = "batch" | "lazy" | "eager_on_read";

export type Scalar = string | number | boolean | null;

/** What becomes of a value that a transform cannot convert. An item of an array cannot be removed: it becomes null. */
export type Otherwise = "keep" | "remove" | "null" | { value: Json };

/**
 * How a value of one type becomes one of another. Each converts exactly the values for which the transform and both SQL
 * dialects agree; for the others `otherwise` says what becomes of them.
 */
export type ConvertRule =
  | "string_to_integer"
  | "string_to_number"
  | "string_to_boolean"
  | "number_to_string"
  | "boolean_to_string"
  | "boolean_to_integer"
  | "integer_to_boolean"
  | "round"
  | "truncate";

/**
 * What is done to one artifact, in the words of JSON Patch (RFC 6902). A path is that of a {@link FieldSpec}; the transform is
 * carried out at every place that it leads to, and what is not there is left alone. Each can run twice. A `from`, and the path
 * of a `when`, is in the same item as `path`: the same up to the last `*`, and without one after it.
 */
export type Transform =
  /** Gives the field the value, or a copy of another field, where its object exists and the field does not. */
  | { op: "add"; path: string; value: Json }
  | { op: "add"; path: string; from: string }
  /** Takes the field away; with `equals` only where it is that. */
  | { op: "remove"; path: string; equals?: Scalar }
  /** Moves the field where the target's object exists and has no such field; else it is `skipped`. */
  | { op: "move"; from: string; path: string }
  | { op: "convert"; path: string; rule: ConvertRule; otherwise?: Otherwise }
  /** A value that is no array becomes an array of it. */
  | { op: "wrap"; path: string }
  /** An array of one item, which is no array itself, becomes the item; `first` takes the first of several. */
  | { op: "unwrap"; path: string; otherwise?: Otherwise | "first" }
  /** Scalars one for one, the first entry that fits; no `to` is also a `from`. */
  | {
      op: "map";
      path: string;
      values: { from: Scalar; to: Scalar; when?: { path: string; equals: Scalar } }[];
      otherwise?: Otherwise;
    };

/** A field that is also a column of the table of artifacts. */
export interface Column {
  name: string;
  type: "text" | "bigint" | "double precision" | "boolean" | "jsonb";
  path: string;
  index: boolean;
}

/** One statement a member, to run in this order in one transaction, over `artifacts(id, artifact_type, metadata)`. */
export interface Script {
  up: string[];
  down: string[];
}

/** PostgreSQL 15 and later over `metadata jsonb`; SQLite 3.38 and later over `metadata TEXT`. */
export interface Sql {
  postgresql: Script;
  sqlite: Script;
}

/** What whoever votes should know of a plan. The pointer leads into the plan. */
export interface Lint extends Problem {
  /**
   * `destructive`: values go, kept in the undo records only; `data_dependent`: the artifacts decide whether they fit;
   * `not_reversible`: what is written afterwards may not fit the version before; `long_lock`, `table_rewrite`: what the
   * statements do to the table.
   */
  code: "destructive" | "data_dependent" | "not_reversible" | "long_lock" | "table_rewrite";
}

/** What is done to the artifacts of a type when a change becomes its next version. What runs is what was approved, by digest. */
export interface Plan {
  artifact_type: string;
  /** 0 for a type that does not exist yet. */
  from_version: number;
  to_version: number;
  strategy: Evolution;
  /** Applied in order to each artifact. Empty when artifacts need no rewriting. */
  transforms: Transform[];
  /** For artifacts that were written under the new version, when the migration is undone; best effort, see `lint`. */
  inverse: Transform[];
  /** Of a revert: the migration whose records it restores from. */
  restores?: string;
  columns: Column[];
  sql: Sql;
  lint: Lint[];
  /** Whether undoing it restores every migrated artifact exactly. */
  reversible: boolean;
  /** What the proposer wrote, carried along for the reader. */
  declared: MigrationPlan;
  /** Sentences on what the plan does not do, e.g. that a value must be supplied by hand. */
  notes: string[];
}

/** What a transform does, as a sentence without a full stop. @throws MisuseError for anything that is no transform. */
export function transformWords(transform: Transform): string;

/** An artifact after transforms. */
export interface Transformed {
  artifact: Json;
  /** Whether it is another document than before. */
  changed: boolean;
  /** Warnings `move_target_exists`: fields that were not moved, because there is one where they would go. */
  skipped: Problem[];
}

/** What a migration has kept of an artifact; null of one that it did not change. */
export interface UndoRecord {
  before: JsonInput | null;
  after: JsonInput | null;
}

/** Carries a plan out on one artifact. For many use a {@link Migration}. */
export function migrateArtifact(plan: JsonInput, artifact: JsonInput): Answer<Transformed>;

/** A plan, read once. Free it, or let `using` do so. */
export class Migration {
  private constructor();
  /** A plan; or an object that has `transforms`, and `inverse` for {@link down}, as planned or suggested ones do. */
  static compile(plan: Plan | JsonInput): Answer<{ migration: Migration }>;
  /** What the migration makes of an artifact. `record`: of a revert, what the migration that it takes back has kept. */
  up(artifact: JsonInput, record?: UndoRecord): Answer<Transformed>;
  /** What undoing it makes of an artifact that was written after it. One that was migrated is restored from its record. */
  down(artifact: JsonInput): Answer<Transformed>;
  /** Whether `after` is what the migration makes of `before`, compared as RFC 8785 does; and the digest of `after`. */
  verify(
    before: JsonInput,
    after: JsonInput,
    record?: UndoRecord,
  ): Answer<{ matches: boolean; changed: boolean; digest: Digest }>;
  free(): void;
  [Symbol.dispose](): void;
}

/** Taking a migration back in an artifact that was edited since: what nobody has touched goes back, what was edited stays. */
export function restoreArtifact(
  before: JsonInput,
  after: JsonInput,
  current: JsonInput,
): Answer<{ artifact: Json; changed: boolean }>;

export interface MigrationOptions {
  /** Of which artifacts; all of the table when it is not said. */
  artifact_type?: string;
  /** Their table. Default `artifacts`. */
  table?: string;
  /** The dialect of schemas that name none. */
  draft?: Draft;
  /** Documents that `$ref` may name, by absolute URI. */
  references?: Record<string, JsonInput>;
}

/** What artifacts of one schema need to fit another, as far as it follows from the two. */
export function suggestMigration(
  oldSchema: JsonInput,
  newSchema: JsonInput,
  options?: MigrationOptions,
): Answers<{
  transforms: Transform[];
  inverse: Transform[];
  sql: Sql;
  lint: Lint[];
  notes: string[];
  reversible: boolean;
}>;

/** The question of {@link planMigration}, and a line of the batch form `migration-plan`. */
export interface MigrationQuestion {
  id?: Json;
  schema: Json;
  change_type: ChangeType;
  field_spec: FieldSpec;
  artifact_type?: string;
  table?: string;
  draft?: Draft;
  references?: Record<string, Json>;
}

/** What a change makes of a schema, and what it does to the artifacts; each script is one text whose statements end in `;`. */
export function planMigration(input: MigrationQuestion | string | Uint8Array): Answers<{
  next_schema: Json;
  transforms: Transform[];
  sql: { postgresql: { up: string; down: string }; sqlite: { up: string; down: string } };
  lint: Lint[];
  reversible: boolean;
}>;

// ---------------------------------------------------------------- scripts and agents

/** One line of a batch in, one line out: `senate check-compat --batch` and its siblings. Never throws for a bad line. */
export function batchLine(
  kind: "check-compat" | "validate" | "canonical" | "tally" | "migration-plan" | "migration-apply",
  line: string | Uint8Array,
): string;

/** The published JSON Schemas: of drafts, of the documents of a senate, of commands, events and certificates. */
export type PublishedSchema =
  | "proposal"
  | "field_spec"
  | "policy_change"
  | "membership_change"
  | "scope_change"
  | "policy"
  | "members"
  | "scope"
  | "command"
  | "event"
  | "certificate";
export function publishedSchema(name: PublishedSchema): Json;

/** A new ULID. `entropy` as in {@link Senate.decide}. */
export function newId(at: { nowMs: Milliseconds; entropy?: string }): string;

/** What was built: crate version, wasm size in bytes. */
export function version(): { version: string };

/** Thrown for misuse only: a wrong argument type, a freed handle, or a call before `init()`. */
export class MisuseError extends TypeError {
  readonly code: "misuse" | "freed" | "not_initialised" | "core_fault";
}

/** The platform's class of that name, where there is one: these types ask for neither `lib.dom` nor `@types/node`. */
type Platform<Name extends string> = typeof globalThis extends { [name in Name]: { prototype: infer Made } }
  ? Made
  : never;
type PlatformModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Made } } }
  ? Made
  : never;

/** Where the module is, or what it is. */
export type ModuleSource =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | Platform<"URL">
  | Platform<"Request">
  | Platform<"Response">
  | PlatformModule;

/**
 * Node: already initialised at import, a call is harmless. Web: fetches and compiles the module once.
 * Worker: pass a compiled `WebAssembly.Module`.
 */
export function init(source?: ModuleSource): Promise<void>;
