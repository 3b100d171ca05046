/**
 * A client of a schema-senate host: typed calls over `fetch`, for Node and for the browser.
 *
 * Documents of users (drafts, schemas, artifacts) are sent as the text they were given in, so that the core on the
 * other side judges what was written, not what a parser here made of it.
 *
 * With a key every act is signed, and before it is signed the host must show that its log is still the one that was seen
 * before. Without a key acts go out unsigned; only a host in development mode takes them, and signs for its own members.
 */
import {
  type Anchor,
  type Choice,
  type CompatibilitySetting,
  type Digest,
  type DraftCheck,
  type DraftContext,
  type Json,
  possessionBytes,
  type Problem,
  type ProposalSummary,
  type ProposalView,
  type Rehearsal,
  type SchemaVersion,
  type ScopeEvaluation,
  type SenateEvent,
  type SenateView,
  signingBytes,
  type Status,
  type Evolution,
  type TypeSummary,
  type TypeView,
  type Validation,
  type ViewMap,
} from "schema-senate";
import type { Signer } from "./signer.js";
import {
  base64,
  type Checkpoint,
  type Keeper,
  MemoryKeeper,
  takenNonce,
  trustedCheckpoint,
  TrustError,
} from "./trust.js";

/** Problem details (RFC 9457) as the host sends them. */
export interface ProblemDetails {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  pointer?: string;
  remedy?: string;
  problems?: Problem[];
}

/** The host answered, and the answer is no. */
export class HostError extends Error {
  override readonly name = "HostError";
  constructor(
    readonly status: number,
    readonly details: ProblemDetails,
  ) {
    super(details.detail ?? details.title ?? `the host answered ${status}`);
  }

  /** The code of the first problem. */
  get code(): string {
    return this.details.code ?? this.problems[0]?.code ?? `http_${this.status}`;
  }

  /** Every problem that the host named, the first one first. */
  get problems(): Problem[] {
    const { problems, code, pointer, remedy } = this.details;
    if (problems !== undefined && problems.length > 0) return problems;
    return [
      {
        code: code ?? `http_${this.status}`,
        severity: "error",
        pointer: pointer ?? "",
        message: this.message,
        ...(remedy === undefined ? {} : { remedy }),
      },
    ];
  }
}

/** Nothing that speaks like a host answered at the address. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
  constructor(
    readonly host: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** An act that cannot be signed: the core refuses its text, or the key is not the member's. Nothing was sent. */
export class ActError extends Error {
  override readonly name = "ActError";
  readonly problem: Problem;
  constructor(problem: Omit<Problem, "severity" | "pointer"> & Partial<Problem>) {
    super(problem.message);
    this.problem = { severity: "error", pointer: "", ...problem };
  }
}

/** JSON text. A `Uint8Array` is its UTF-8. */
export type JsonText = string | Uint8Array;

export interface ImportedVersion {
  schema: JsonText;
  /** Documents that `$ref` names, by absolute URI. */
  references?: Iterable<readonly [uri: string, document: JsonText]>;
  description?: string;
}

/** How many stored artifacts of a type a proposed schema takes: counted, not proved. */
export interface StoredVerdict {
  artifact_type: string;
  /** The version that the proposed schema would be. */
  version: number;
  /** Artifacts of the type in the store. */
  stored: number;
  /** How many of them were looked at, the first in the order of their identifiers. */
  checked: number;
  /** Whether there are more than were looked at. */
  sample: boolean;
  as_stored: StoredCount;
  /** The same after the steps of the generated migration; absent where it has none, or has run. */
  after_migration?: StoredCount;
}

export interface StoredCount {
  valid: number;
  invalid: number;
  /** Of the invalid ones: how many the current version refuses as they are. */
  invalid_today: number;
  /** The first 20; `pointer` is where the first error of each is. */
  failures: { artifact_id: string; code: string; pointer: string; message: string }[];
}

/** What a rehearsal made of the stored artifacts. Where `recorded`, the proposal has it with its digest. */
export interface Rehearsed extends Omit<Rehearsal, "digest"> {
  proposal_id: string;
  recorded: boolean;
  /** Asked for with `samples`: those that fail come first. */
  samples?: RehearsedArtifact[];
}

/** One stored artifact before the migration, after it, and after it was undone. */
export interface RehearsedArtifact {
  artifact_id: string;
  before: Json;
  after: Json;
  down: Json;
  valid_before: boolean;
  errors_after: { code: string; pointer: string; message: string }[];
  /** What a move left alone. */
  skipped: Problem[];
}

/** How far a migration is. */
export interface MigrationProgress {
  proposal_id: string;
  phase: "rehearsing" | "staging" | "swapping" | "done" | "failed";
  looked_at: number;
  total: number;
  changed: number;
  /** Whole percent, rounded down. */
  percent: number;
  /** Artifacts a second. Null, as what follows, while nobody can say. */
  per_second: number | null;
  seconds_left: number | null;
  /** Why it failed. */
  reason?: string;
}

/** How the stored artifacts of a type stand under its current version. */
export interface Compliance {
  artifact_type: string;
  version: number;
  checked: number;
  valid: number;
  invalid: number;
  /** Valid ones in ten thousand, rounded down; null when there are none. */
  compliance: number | null;
  failures: { artifact_id: string; message: string }[];
}

export interface ProposalFilter {
  status?: Status | "live" | "archived";
  artifact_type?: string;
  proposer_id?: string;
  text?: string;
  limit?: number;
  cursor?: string;
}

/** Who acts; needed where the client has no member of its own. */
export interface Acting {
  by?: string | undefined;
}

export interface ClientOptions {
  /** Address of the host, e.g. `http://127.0.0.1:8787`. */
  host: string;
  /** Who acts, where a call does not say. */
  member?: string | undefined;
  /** Signs every act. `readKey` of this package makes one from a file. */
  key?: Signer | undefined;
  /** Where the last verified checkpoint is kept. Default: in memory, for as long as the client lives. */
  keeper?: Keeper | undefined;
  /** The key that must sign the host's checkpoints; default the one that it names at the first contact. */
  logKey?: string | undefined;
  /** Instead of the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

export class SenateClient {
  readonly host: string;
  readonly member: string | undefined;
  readonly key: Signer | undefined;
  readonly #keeper: Keeper;
  readonly #logKey: string | undefined;
  readonly #fetch: typeof fetch;

  constructor(options: ClientOptions) {
    this.host = options.host.replace(/\/+$/, "");
    this.member = options.member;
    this.key = options.key;
    this.#keeper = options.keeper ?? new MemoryKeeper();
    this.#logKey = options.logKey;
    const given = options.fetch ?? fetch;
    // A browser's fetch refuses to be called as a method of anything else.
    this.#fetch = (input, init) => given(input, init);
  }

  /** The answer to a `GET` as the text that the host sent. */
  async read(path: string): Promise<string> {
    return this.#text(await this.#request("GET", path));
  }

  senate(): Promise<SenateView> {
    return this.#json("GET", routes.senate());
  }

  /** All types, and the types of stored artifacts that have no schema. */
  types(): Promise<{ types: TypeSummary[]; unregistered?: { artifact_type: string; artifacts: number }[] }> {
    return this.#json("GET", routes.types());
  }

  type(artifactType: string): Promise<TypeView> {
    return this.#json("GET", routes.type(artifactType));
  }

  schema(artifactType: string, version: number): Promise<SchemaVersion> {
    return this.#json("GET", routes.schema(artifactType, version));
  }

  /** What a draft is checked against, as text for `checkDraft`. `target` is a type or `"new_type"`. */
  contextText(target: string): Promise<string> {
    return this.read(routes.context(target));
  }

  async context(target: string): Promise<DraftContext> {
    return JSON.parse(await this.contextText(target)) as DraftContext;
  }

  /** Validates an artifact under a type's current schema, or an earlier version of it; nothing is stored. */
  validate(
    artifactType: string,
    artifact: JsonText,
    version?: number,
  ): Promise<Validation & { version: number }> {
    return this.#json("POST", routes.validate(artifactType, version), { text: artifact });
  }

  /** Registers a type that does not exist yet with its history, oldest first, and how its changes are judged. */
  importType(
    artifactType: string,
    versions: readonly ImportedVersion[],
    options: Acting & {
      compatibility?: Partial<CompatibilitySetting> | undefined;
      /** How artifacts follow later versions; default `batch`. */
      evolution?: Evolution | undefined;
    } = {},
  ): Promise<TypeView> {
    const by = this.#actor(options.by);
    const { compatibility, evolution } = options;
    const body = object([
      ["by", JSON.stringify(by)],
      ...(evolution === undefined ? [] : ([["evolution", JSON.stringify(evolution)]] as const)),
      ...(compatibility === undefined ? [] : ([["compatibility", JSON.stringify(compatibility)]] as const)),
      [
        "versions",
        array(
          versions.map(({ schema, references, description }) => {
            const documents = [...(references ?? [])];
            return object([
              ["schema", schema],
              ...(documents.length === 0 ? [] : ([["references", object(documents)]] as const)),
              ...(description === undefined ? [] : ([["description", JSON.stringify(description)]] as const)),
            ]);
          }),
        ),
      ],
    ]);
    return this.#act("import_type", routes.type(artifactType), body, by, { artifact_type: artifactType });
  }

  /** Checks a draft against the host's registry; nothing is stored. */
  checkDraft(draft: JsonText): Promise<DraftCheck> {
    return this.#json("POST", `${routes.proposal()}/check`, { text: draft });
  }

  /** How many stored artifacts would be valid under the schema that a draft leads to. */
  storedVerdictOfDraft(draft: JsonText, limit?: number): Promise<StoredVerdict> {
    return this.#json("POST", routes.storedVerdict("check", limit), { text: draft });
  }

  /** How many stored artifacts are valid under the schema of a proposal. */
  storedVerdict(id: string, limit?: number): Promise<StoredVerdict> {
    return this.#json("GET", routes.storedVerdict(id, limit));
  }

  /** Whether a draft is in the senate's scope, and why; nothing is stored. */
  evaluateScope(draft: JsonText): Promise<ScopeEvaluation> {
    return this.#json("POST", `${routes.proposal()}/scope-evaluate`, { text: draft });
  }

  /** Earlier proposals that are like a draft; nothing is stored. */
  precedents(draft: JsonText): Promise<ViewMap["precedents"]> {
    return this.#json("POST", `${routes.proposal()}/precedents`, { text: draft });
  }

  /**
   * `draft` is the proposal's JSON text: a change of a schema, of the policy, of the members or of the scope. A
   * `proposer_id` of its own goes before `by`. With `open_voting` the vote is opened at once; where that is refused, the
   * proposal stands all the same and `notices` says why.
   */
  async propose(
    draft: JsonText,
    options: Acting & {
      open_voting?: boolean | undefined;
      /** Rejected proposals that are like this one, and what is different now. */
      addresses?: readonly { proposal_id: string; what_changed: string }[] | undefined;
    } = {},
  ): Promise<ProposalView & { notices?: Problem[] }> {
    const own = stringMember(draft, "proposer_id");
    const by = own ?? this.#actor(options.by);
    let text = draft;
    if (own === undefined) text = withMember(text, "proposer_id", by);
    if (options.addresses !== undefined) text = withMember(text, "addresses", [...options.addresses]);
    if (this.key === undefined) {
      if (options.open_voting !== undefined) text = withMember(text, "open_voting", options.open_voting);
      return this.#json("POST", routes.proposal(), { text });
    }
    const proposed: ProposalView = await this.#act("propose", routes.proposal(), text, by);
    if (options.open_voting !== true) return proposed;
    // Two acts, each with its own signature; a refused second one leaves the first.
    try {
      return { ...(await this.open(proposed.id, { by })), notices: [] };
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      return { ...proposed, notices: error.problems };
    }
  }

  /**
   * Puts new content in the place of a proposal's, while it is in review; its review begins anew. Of the draft the title and
   * the metadata are taken: what kind of proposal it is and whose stays as it was.
   */
  revise(id: string, draft: JsonText, options: Acting = {}): Promise<ProposalView> {
    const by = this.#actor(options.by);
    const text = withMember(withoutMembers(draft, ["proposal_type", "proposer_id"]), "by", by);
    return this.#act("revise", routes.proposal(id, "revise"), text, by, { proposal_id: id });
  }

  proposal(id: string): Promise<ProposalView> {
    return this.#json("GET", routes.proposal(id));
  }

  proposals(filter: ProposalFilter = {}): Promise<{ proposals: ProposalSummary[]; next_cursor?: string }> {
    return this.#json("GET", routes.proposals(filter));
  }

  open(id: string, options: Acting = {}): Promise<ProposalView> {
    return this.#about("open_vote", id, ["open"], options);
  }

  /** `subject` is what the voter saw: the digest from the proposal's `vote.subject`. */
  vote(
    id: string,
    ballot: { voter_id?: string | undefined; choice: Choice; reason?: string | undefined; subject: Digest },
  ): Promise<ProposalView> {
    const { voter_id, ...rest } = ballot;
    const by = this.#actor(voter_id);
    const body = JSON.stringify({ voter_id: by, ...rest });
    return this.#act("cast_ballot", routes.proposal(id, "vote"), body, by, { proposal_id: id });
  }

  withdraw(id: string, options: Acting & { reason?: string | undefined } = {}): Promise<ProposalView> {
    return this.#about("withdraw", id, ["withdraw"], options);
  }

  /** Leaves the electorate of one proposal, before its vote opens. */
  recuse(id: string, options: Acting & { reason: string }): Promise<ProposalView> {
    return this.#about("recuse", id, ["recuse"], options);
  }

  /** `reply_to` is the id of a comment or of a concern. */
  comment(
    id: string,
    options: Acting & { text: string; anchor?: Anchor | undefined; reply_to?: string | undefined },
  ): Promise<ProposalView> {
    return this.#about("comment", id, ["comment"], options);
  }

  /** A named concern keeps the proposal from being approved until it is resolved or overridden. */
  raiseConcern(
    id: string,
    options: Acting & { name: string; text: string; anchor?: Anchor | undefined },
  ): Promise<ProposalView> {
    return this.#about("raise_concern", id, ["concern"], options);
  }

  /** Whoever raised a concern says how it was met. */
  resolveConcern(id: string, concern: string, options: Acting & { text: string }): Promise<ProposalView> {
    return this.#about("resolve_concern", id, ["concern", concern, "resolve"], options, {
      concern_id: concern,
    });
  }

  /** One signature under overriding a concern; it is overridden once the policy's share of the electorate has signed. */
  overrideConcern(id: string, concern: string, options: Acting & { reason: string }): Promise<ProposalView> {
    return this.#about("override_concern", id, ["concern", concern, "override"], options, {
      concern_id: concern,
    });
  }

  /** The proposer asks once for another look at a rejection for scope. */
  appeal(id: string, options: Acting & { justification: string }): Promise<ProposalView> {
    return this.#about("appeal", id, ["appeal"], options);
  }

  /** A judge of the scope document says whether a proposal is in scope, where its words do not. */
  judgeScope(
    id: string,
    options: Acting & { verdict: "in_scope" | "out_of_scope"; reasoning: string },
  ): Promise<ProposalView> {
    return this.#about("judge_scope", id, ["scope-verdict"], options);
  }

  /**
   * From now on the member signs with another key. The act is signed with the client's key; `next` signs that it is there.
   * The client itself does not change: make a new one with the new key.
   */
  async rotateKey(next: Signer, options: Acting = {}): Promise<Json> {
    const by = this.#actor(options.by);
    const { origin } = await this.senate();
    const claim = possessionBytes({ instance: origin, member: by, new_key: next.publicKey });
    if (!claim.ok) throw new ActError(claim.problem);
    const proof = base64(await next.sign(claim.bytes));
    const body = JSON.stringify({ by, new_key: next.publicKey, proof });
    return this.#act("rotate_key", routes.rotateKey(), body, by);
  }

  /** Runs the migration of an approved proposal, e.g. after it was interrupted. One that failed is retried by an act. */
  migrate(id: string): Promise<ProposalView> {
    return this.#json("POST", routes.proposal(id, "migrate"));
  }

  /** Has a failed migration tried again: the proposer and the voters may. */
  retryMigration(id: string, options: Acting & { reason?: string | undefined } = {}): Promise<ProposalView> {
    return this.#about("retry_migration", id, ["migrate", "retry"], options);
  }

  /** Gives a failed migration up for good; its proposer may. */
  abandonMigration(id: string, options: Acting & { reason: string }): Promise<ProposalView> {
    return this.#about("abandon_migration", id, ["migrate", "abandon"], options);
  }

  /** Has the host carry out a proposal's migration on all its artifacts, look at each, undo it, and say what it saw. */
  rehearse(id: string): Promise<Rehearsed> {
    return this.#json("POST", routes.proposal(id, "rehearse"));
  }

  /** The last rehearsal; `samples`: so many artifacts before and after, those that fail first. */
  rehearsal(id: string, samples?: number): Promise<Rehearsed> {
    return this.#json("GET", routes.rehearsal(id, samples === undefined ? {} : { samples }));
  }

  /** What a proposal's migration makes of one stored artifact. */
  rehearsedArtifact(id: string, artifact: string): Promise<RehearsedArtifact> {
    return this.#json("GET", routes.rehearsal(id, { artifact }));
  }

  /** How far a proposal's migration is. */
  migration(id: string): Promise<MigrationProgress> {
    return this.#json("GET", routes.proposal(id, "migration"));
  }

  /** The same as it goes on, until it is done or has failed. */
  async *migrationEvents(id: string): AsyncGenerator<MigrationProgress> {
    const response = await this.#request("GET", `${routes.proposal(id, "migration")}/events`);
    for await (const data of serverSentEvents(response)) yield JSON.parse(data) as MigrationProgress;
  }

  /** Closes a version that no artifact is written under any more. */
  async retireVersion(
    artifactType: string,
    version: number,
    options: Acting & { reason?: string | undefined } = {},
  ): Promise<Json> {
    const { by: given, ...rest } = options;
    const by = this.#actor(given);
    const body = JSON.stringify({ by, ...rest });
    const path = `${routes.schema(artifactType, version)}/retire`;
    return this.#act("retire_version", path, body, by, { artifact_type: artifactType, version });
  }

  /** Validates every stored artifact of a type under its current version. */
  compliance(artifactType: string): Promise<Compliance> {
    return this.#json("GET", `${routes.type(artifactType)}/compliance`);
  }

  /** What the next act of a member must carry. */
  signing(member: string): Promise<ViewMap["signing"]> {
    return this.#json("GET", routes.signing(member));
  }

  members(): Promise<ViewMap["members"]> {
    return this.#json("GET", routes.members());
  }

  policy(): Promise<ViewMap["policy"]> {
    return this.#json("GET", routes.policy());
  }

  scope(): Promise<ViewMap["scope"]> {
    return this.#json("GET", routes.scope());
  }

  /** The newest checkpoint of the log, as the host signed it: a C2SP signed note. Nothing is verified. */
  checkpoint(): Promise<string> {
    return this.read(routes.checkpoint());
  }

  /**
   * The newest checkpoint, verified: signed by the log's key, and of the log that this host has shown before.
   *
   * @throws TrustError
   */
  trustedCheckpoint(): Promise<Checkpoint> {
    return trustedCheckpoint(
      {
        host: this.host,
        identity: async () => {
          const { origin, log_key } = await this.senate();
          return { origin, log_key };
        },
        note: () => this.checkpoint(),
        consistency: async (from, to) => {
          try {
            return (await this.consistency(from, to)).proof;
          } catch (error) {
            // It was asked what every log can answer that has been what it was; an outage is another matter.
            if (error instanceof HostError && error.status < 500) return undefined;
            throw error;
          }
        },
      },
      this.#keeper,
      { logKey: this.#logKey },
    );
  }

  /** Proves that an event is in the log with so many events; by default, as many as it has. */
  inclusion(seq: number, size?: number): Promise<ViewMap["inclusion"]> {
    return this.#json("GET", routes.inclusion(seq, size));
  }

  /** Proves that the log with `to` events begins with the log with `from` events. */
  consistency(from: number, to: number): Promise<ViewMap["consistency"]> {
    return this.#json("GET", routes.consistency(from, to));
  }

  /** Everything that proves one decision, in one file: a DSSE envelope, as text. `verifyCertificate` of the core reads it. */
  certificate(id: string): Promise<string> {
    return this.read(routes.certificate(id));
  }

  /** Lines of the log as they are stored, from an event number on. */
  async *logLines(from = 1): AsyncGenerator<string> {
    const response = await this.#request("GET", routes.events(from));
    if (response.body === null) return;
    let rest = "";
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") yield line;
    }
    if (rest !== "") yield rest;
  }

  async *log(from = 1): AsyncGenerator<SenateEvent> {
    for await (const line of this.logLines(from)) yield JSON.parse(line) as SenateEvent;
  }

  /** Who acts: as the call says, else as the client does. */
  #actor(by: string | undefined): string {
    const actor = by ?? this.member;
    if (actor === undefined) throw new TypeError("Who acts? Give `by`, or make the client with `member`.");
    return actor;
  }

  #about(
    command: string,
    id: string,
    path: readonly string[],
    members: Acting,
    place: Record<string, string> = {},
  ): Promise<ProposalView> {
    const { by: given, ...rest } = members;
    const by = this.#actor(given);
    const body = JSON.stringify({ by, ...rest });
    return this.#act(command, routes.proposal(id, ...path), body, by, { proposal_id: id, ...place });
  }

  /**
   * Delivers an act, signed where there is a key. `place` are the members of the act that stand in the path: they are
   * signed and not sent.
   */
  async #act<T>(
    command: string,
    path: string,
    body: JsonText,
    by: string,
    place: Record<string, Json> = {},
  ): Promise<T> {
    const { key } = this;
    if (key === undefined) return this.#json("POST", path, { text: body });
    for (let first = true; ; first = false) {
      const text = await this.#signed(key, { command, ...place }, body, by);
      try {
        return await this.#delivered(path, text);
      } catch (error) {
        // The member has acted elsewhere in between, with a higher nonce.
        if (first && error instanceof HostError && error.code === "nonce_not_rising") continue;
        throw error;
      }
    }
  }

  /** A signed act may be delivered twice: it is done once. So a connection that breaks is no reason to leave it open. */
  async #delivered<T>(path: string, text: Uint8Array): Promise<T> {
    try {
      return await this.#json<T>("POST", path, { text });
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      return this.#json("POST", path, { text });
    }
  }

  async #signed(key: Signer, place: Record<string, Json>, body: JsonText, by: string): Promise<Uint8Array> {
    const [signing, checkpoint] = await Promise.all([this.signing(by), this.trustedCheckpoint()]);
    if (signing.instance !== checkpoint.origin || signing.member_id !== by) {
      throw new TrustError({
        code: "instance_differs",
        message: `${this.host} was asked what ${by} signs in ${checkpoint.origin}, and answers for ${signing.member_id} in ${signing.instance}.`,
      });
    }
    if (signing.seen.size === checkpoint.size && signing.seen.root !== checkpoint.root) {
      throw new TrustError({
        code: "seen_differs",
        message: `${this.host} asks to confirm a log of ${checkpoint.size} events that is not the one it has signed.`,
        remedy: "Nothing was signed. Ask whoever runs the host.",
      });
    }
    if (signing.key !== key.keyId) {
      throw new ActError({
        code: "key_not_registered",
        message: `${by} signs with the key ${signing.key} here, and this key is ${key.keyId}.`,
        remedy:
          "Give the key that is enrolled with --key, or rotate to this one with the key that is: `senate key rotate`.",
      });
    }
    const { host } = this;
    const { origin, size, root } = checkpoint;
    const nonce = await takenNonce(this.#keeper, host, origin, key.keyId, signing.next_nonce);
    const envelope = { instance: origin, key: key.keyId, nonce, seen: { size, root } };
    const act = withMembers(body, envelope);
    // What is signed is what the core reads here; the host's core must read the same.
    const bytes = signingBytes(withMembers(act, place));
    if (!bytes.ok) throw new ActError(bytes.problem);
    return withMembers(act, { signature: base64(await key.sign(bytes.bytes)) });
  }

  async #json<T>(method: string, path: string, body?: { text: JsonText } | { value: unknown }): Promise<T> {
    const text = await this.#text(await this.#request(method, path, body));
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new UnreachableError(this.host, `${this.host} answered something that is not JSON.`, { cause });
    }
  }

  async #text(response: Response): Promise<string> {
    try {
      return await response.text();
    } catch (cause) {
      throw new UnreachableError(this.host, `${this.host} broke off its answer.`, { cause });
    }
  }

  async #request(
    method: string,
    path: string,
    body?: { text: JsonText } | { value: unknown },
  ): Promise<Response> {
    let response: Response;
    try {
      response = await this.#fetch(this.host + path, {
        method,
        headers: {
          accept:
            "application/json, application/x-ndjson, text/event-stream, application/problem+json, text/plain",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: "text" in body ? body.text : JSON.stringify(body.value) }),
      });
    } catch (cause) {
      throw new UnreachableError(this.host, `No host answers at ${this.host}${because(cause)}.`, { cause });
    }
    if (response.ok) return response;
    const text = await this.#text(response);
    let details: ProblemDetails;
    try {
      details = JSON.parse(text) as ProblemDetails;
    } catch {
      throw new UnreachableError(
        this.host,
        `${this.host} answered ${response.status} without problem details; is it a schema-senate host?`,
      );
    }
    throw new HostError(response.status, details);
  }
}

/** Paths of the host's routes, in one place. */
export const routes = {
  senate: (): string => "/api/senate",
  events: (from: number): string => `/api/senate/events?from=${from}`,
  types: (): string => "/api/schemas",
  type: (name: string): string => `/api/schemas/${encodeURIComponent(name)}`,
  schema: (name: string, version: number): string => `${routes.type(name)}/versions/${version}`,
  context: (target: string): string => `${routes.type(target)}/context`,
  validate: (name: string, version?: number): string =>
    `${routes.type(name)}/validate${version === undefined ? "" : `?version=${version}`}`,
  proposals: (filter: ProposalFilter = {}): string => {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(filter)) if (value !== undefined) query.set(key, String(value));
    return `/api/senate/schema-proposals${query.size === 0 ? "" : `?${query.toString()}`}`;
  },
  /** Of a proposal; `check` is where a draft is posted. */
  storedVerdict: (id: string, limit?: number): string =>
    `/api/senate/schema-proposal/${encodeURIComponent(id)}/stored-verdict${limit === undefined ? "" : `?limit=${limit}`}`,
  /** Without an id: where a draft is posted. */
  proposal: (...path: readonly string[]): string =>
    ["/api/senate/schema-proposal", ...path.map((part) => encodeURIComponent(part))].join("/"),
  rehearsal: (id: string, ask: { samples?: number; artifact?: string } = {}): string => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(ask)) query.set(name, String(value));
    return `${routes.proposal(id, "rehearsal")}${query.size === 0 ? "" : `?${query.toString()}`}`;
  },
  certificate: (id: string): string => `${routes.proposal(id)}/certificate`,
  signing: (member: string): string => `/api/senate/signing/${encodeURIComponent(member)}`,
  members: (): string => "/api/senate/members",
  policy: (): string => "/api/senate/policy",
  scope: (): string => "/api/senate/scope",
  checkpoint: (): string => "/api/senate/checkpoint",
  inclusion: (seq: number, size?: number): string =>
    `/api/senate/log/inclusion?seq=${seq}${size === undefined ? "" : `&size=${size}`}`,
  consistency: (from: number, to: number): string => `/api/senate/log/consistency?from=${from}&to=${to}`,
  rotateKey: (): string => "/api/senate/keys/rotate",
} as const;

/** The data of server-sent events (HTML, section 9.2), one text an event. */
async function* serverSentEvents(response: Response): AsyncGenerator<string> {
  if (response.body === null) return;
  let rest = "";
  let data: string[] = [];
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
      if (line !== "" || data.length === 0) continue;
      yield data.join("\n");
      data = [];
    }
  }
}

/** A text that a document has as a member of its own; the core judges everything else. */
function stringMember(text: JsonText, name: string): string | undefined {
  try {
    const value: unknown = JSON.parse(typeof text === "string" ? text : new TextDecoder().decode(text));
    const found =
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? (value as Record<string, unknown>)[name]
        : undefined;
    return typeof found === "string" ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Takes members out of an object; the text of the others stays as it is. What is not one whole object is left alone. */
export function withoutMembers(text: JsonText, names: readonly string[]): JsonText {
  const whole = typeof text === "string" ? text : new TextDecoder().decode(text);
  try {
    JSON.parse(whole);
  } catch {
    return text;
  }
  const kept: string[] = [];
  let [depth, start] = [0, 0];
  const member = (end: number): void => {
    const one = whole.slice(start, end);
    const [name] = /^\s*"(?:[^"\\]|\\.)*"/.exec(one) ?? [];
    if (name !== undefined && !names.includes(JSON.parse(name) as string)) kept.push(one);
  };
  if (!/^\s*\{/.test(whole)) return text;
  for (const { 0: token, index } of whole.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/g)) {
    if (token === "{" || token === "[") {
      depth += 1;
      if (depth === 1) start = index + 1;
    } else if (token === "}" || token === "]") {
      depth -= 1;
      if (depth === 0) member(index);
    } else if (token === "," && depth === 1) {
      member(index);
      start = index + 1;
    }
  }
  return `{${kept.join(",")}}`;
}

function withMembers(text: JsonText, members: Readonly<Record<string, Json>>): Uint8Array {
  return Object.entries(members).reduce<Uint8Array>(
    (whole, [name, value]) => withMember(whole, name, value),
    bytesOf(text),
  );
}

/** Puts a member in front of an object's own, whose text stays as it is; anything but an object is left alone. */
export function withMember(text: JsonText, name: string, value: Json): Uint8Array {
  const bytes = bytesOf(text);
  const start = bytes.findIndex((byte) => !whiteSpace.has(byte));
  if (start === -1 || bytes[start] !== 0x7b) return bytes;
  const rest = bytes.subarray(start + 1);
  const empty = rest.find((byte) => !whiteSpace.has(byte)) === 0x7d;
  return concat([bytesOf(`{${JSON.stringify(name)}:${JSON.stringify(value)}${empty ? "" : ","}`), rest]);
}

const whiteSpace = new Set([0x20, 0x09, 0x0a, 0x0d]);

function object(members: readonly (readonly [name: string, text: JsonText])[]): Uint8Array {
  return joined(
    "{",
    members.map(([name, text]) => concat([bytesOf(`${JSON.stringify(name)}:`), bytesOf(text)])),
    "}",
  );
}

function array(items: readonly JsonText[]): Uint8Array {
  return joined("[", items, "]");
}

function joined(open: string, items: readonly JsonText[], close: string): Uint8Array {
  const parts = items.flatMap((item, index) => (index === 0 ? [item] : [",", item]));
  return concat([open, ...parts, close].map(bytesOf));
}

function bytesOf(text: JsonText): Uint8Array {
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The part of a failed `fetch` that helps: "connection refused" rather than "fetch failed". */
function because(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string; errors?: { code?: string }[] } };
  const code = cause?.code ?? cause?.errors?.[0]?.code;
  const words: Record<string, string> = {
    ECONNREFUSED: "the connection was refused",
    ECONNRESET: "the connection was broken off",
    ENOTFOUND: "there is no such name",
    EAI_AGAIN: "the name cannot be resolved now",
    ETIMEDOUT: "it does not answer in time",
    UND_ERR_CONNECT_TIMEOUT: "it does not answer in time",
    UND_ERR_HEADERS_TIMEOUT: "it does not answer in time",
    UND_ERR_SOCKET: "the connection was broken off",
  };
  const known = code === undefined ? undefined : (words[code] ?? code);
  const reason = known ?? cause?.message;
  return reason === undefined || reason === "" ? "" : `: ${reason}`;
}
