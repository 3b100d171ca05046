// @ts-check
// The documented API over the generated glue; index.d.ts is its contract.

import { call, currentGeneration } from "./instance.js";
import { MisuseError } from "./misuse.js";
import { flat, join, jsonBytes, listBytes, ownBytes, recordBytes, textBytes, word, words } from "./text.js";

export { MisuseError };

/** @typedef {typeof import("./index.d.ts")} Contract */

/** @type {Contract["canonicalize"]} */
export function canonicalize(text) {
  const bytes = jsonBytes(text, "text");
  return JSON.parse(call((core) => core.canonicalize(bytes)));
}

/** @type {Contract["digest"]} */
export function digest(text, kind = "document") {
  const bytes = jsonBytes(text, "text");
  word(kind, "kind");
  return JSON.parse(call((core) => core.digest(bytes, kind)));
}

/** @type {Contract["checkCompatibility"]} */
export function checkCompatibility(oldSchema, newSchema, options) {
  const before = jsonBytes(oldSchema, "oldSchema");
  const after = jsonBytes(newSchema, "newSchema");
  const { history: versions, assumptions, ...rest } = options ?? {};
  const { plain, references, refusal } = split(rest);
  if (refusal !== undefined) return refusal;
  const given =
    assumptions === undefined ? plain : { ...plain, assumptions: words(assumptions, "options.assumptions") };
  const { bytes: history, broken } = listBytes(versions, "options.history");
  if (broken !== undefined) return refusedText(`/history/${broken.index}`, broken.bytes);
  return JSON.parse(call((core) => core.checkCompatibility(before, after, given, references, history)));
}

/** @type {Contract["tally"]} */
export function tally(input) {
  const bytes = jsonBytes(input, "input");
  return JSON.parse(call((core) => core.tally(bytes)));
}

/** @type {Contract["defaultPolicy"]} */
export function defaultPolicy() {
  return JSON.parse(call((core) => core.defaultPolicy()));
}

/** @type {Contract["checkDraft"]} */
export function checkDraft(draft, context) {
  const bytes = jsonBytes(draft, "draft");
  const against = jsonBytes(context, "context");
  return JSON.parse(call((core) => core.checkDraft(bytes, against)));
}

/** @type {Contract["migrateArtifact"]} */
export function migrateArtifact(plan, artifact) {
  const steps = jsonBytes(plan, "plan");
  const bytes = jsonBytes(artifact, "artifact");
  return JSON.parse(call((core) => core.migrateArtifact(steps, bytes)));
}

/** @type {Contract["restoreArtifact"]} */
export function restoreArtifact(before, after, current) {
  const [was, made, is] = [
    jsonBytes(before, "before"),
    jsonBytes(after, "after"),
    jsonBytes(current, "current"),
  ];
  return JSON.parse(call((core) => core.restoreArtifact(was, made, is)));
}

/** @type {Contract["transformWords"]} */
export function transformWords(transform) {
  const bytes = jsonBytes(transform, "transform");
  const answer = JSON.parse(call((core) => core.transformWords(bytes)));
  if (!answer.ok) throw new MisuseError("misuse", `not a transform: ${answer.problem.message}`);
  return answer.words;
}

/** @type {Contract["suggestMigration"]} */
export function suggestMigration(oldSchema, newSchema, options) {
  const before = jsonBytes(oldSchema, "oldSchema");
  const after = jsonBytes(newSchema, "newSchema");
  const { plain, references, refusal } = split(options);
  if (refusal !== undefined) return refusal;
  const given = jsonBytes(plain, "options");
  return JSON.parse(call((core) => core.suggestMigration(before, after, given, references)));
}

/** @type {Contract["planMigration"]} */
export function planMigration(input) {
  const bytes = jsonBytes(input, "input");
  return JSON.parse(call((core) => core.planMigration(bytes)));
}

/** @type {Contract["batchLine"]} */
export function batchLine(kind, line) {
  word(kind, "kind");
  const bytes = textBytes(line, "line");
  try {
    return call((core) => core.batchLine(kind, bytes));
  } catch (error) {
    if (!(error instanceof MisuseError) || error.code !== "core_fault") throw error;
    // The lines after this one must not be lost.
    const problem = { code: error.code, severity: "error", pointer: "", message: error.message };
    return JSON.stringify({ id: idOf(bytes), error: problem });
  }
}

/** @type {Contract["publishedSchema"]} */
export function publishedSchema(name) {
  word(name, "name");
  const text = call((core) => core.publishedSchema(name));
  if (text === undefined) throw new MisuseError("misuse", `no schema is published as \`${name}\``);
  return JSON.parse(text);
}

/** @type {Contract["solve"]} */
export function solve(input) {
  const bytes = jsonBytes(input, "input");
  return JSON.parse(call((core) => core.solve(bytes)));
}

/** @type {Contract["evaluateScope"]} */
export function evaluateScope(scope, draft, artifactType = "") {
  const criteria = jsonBytes(scope, "scope");
  const bytes = jsonBytes(draft, "draft");
  word(artifactType, "artifactType");
  return JSON.parse(call((core) => core.evaluateScope(criteria, bytes, artifactType)));
}

/** @type {Contract["signingBytes"]} */
export function signingBytes(act) {
  const bytes = jsonBytes(act, "act");
  return unpacked(JSON.parse(call((core) => core.signingBytes(bytes))), "bytes");
}

/** @type {Contract["possessionBytes"]} */
export function possessionBytes(claim) {
  const bytes = jsonBytes(claim, "claim");
  return unpacked(JSON.parse(call((core) => core.possessionBytes(bytes))), "bytes");
}

/** @type {Contract["keyId"]} */
export function keyId(key) {
  word(key, "key");
  return JSON.parse(call((core) => core.keyId(key)));
}

/** @type {Contract["verifySignature"]} */
export function verifySignature(key, message, signature) {
  word(key, "key");
  word(signature, "signature");
  const bytes = textBytes(message, "message");
  return JSON.parse(call((core) => core.verifySignature(key, bytes, signature)));
}

/** @type {Contract["assembleNote"]} */
export function assembleNote(body, name, key, signature) {
  word(body, "body");
  word(name, "name");
  word(key, "key");
  word(signature, "signature");
  return JSON.parse(call((core) => core.assembleNote(body, name, key, signature)));
}

/** @type {Contract["verifyNote"]} */
export function verifyNote(note, origin, key) {
  word(note, "note");
  word(origin, "origin");
  word(key, "key");
  return JSON.parse(call((core) => core.verifyNote(note, origin, key)));
}

/** @type {Contract["verifyInclusion"]} */
export function verifyInclusion(input) {
  const bytes = jsonBytes(input, "input");
  return JSON.parse(call((core) => core.verifyInclusion(bytes)));
}

/** @type {Contract["verifyConsistency"]} */
export function verifyConsistency(input) {
  const bytes = jsonBytes(input, "input");
  return JSON.parse(call((core) => core.verifyConsistency(bytes)));
}

/** @type {Contract["assembleCertificate"]} */
export function assembleCertificate(payload, key, signature) {
  word(payload, "payload");
  word(key, "key");
  word(signature, "signature");
  return JSON.parse(call((core) => core.assembleCertificate(payload, key, signature)));
}

/** @type {Contract["verifyCertificate"]} */
export function verifyCertificate(text, trusted = {}) {
  const bytes = jsonBytes(text, "text");
  const logKey = word(trusted.log_key ?? "", "trusted.log_key");
  const checkpoint = word(trusted.checkpoint ?? "", "trusted.checkpoint");
  return JSON.parse(call((core) => core.verifyCertificate(bytes, logKey, checkpoint)));
}

/** @type {Contract["audit"]} */
export function audit(log, trusted = {}) {
  const bytes = textBytes(log, "log");
  const checkpoint = word(trusted.checkpoint ?? "", "trusted.checkpoint");
  return JSON.parse(call((core) => core.audit(bytes, checkpoint)));
}

/** @type {Contract["newId"]} */
export function newId(at) {
  const plain = flat(at, "at");
  return call((core) => core.newId(plain));
}

/** @type {Contract["version"]} */
export function version() {
  return { version: call((core) => core.version()) };
}

/** Only this file makes handles. */
const KEY = Symbol("made by the core");

export class Schema {
  /** What compiles it again on another instance; `null` when it was freed. @type {SchemaSource | null} */
  #source;
  /** @type {import("./wasm/schema_senate.js").CompiledSchema} */
  #handle;
  #generation = currentGeneration();

  /**
   * @private
   * @param {symbol} key
   * @param {SchemaSource} source
   * @param {import("./wasm/schema_senate.js").CompiledSchema} handle
   */
  constructor(key, source, handle) {
    if (key !== KEY) throw new MisuseError("misuse", "use `Schema.compile(text)`");
    this.#source = source;
    this.#handle = handle;
  }

  /** @type {Contract["Schema"]["compile"]} */
  static compile(text, options) {
    const bytes = jsonBytes(text, "text");
    const { plain, references, refusal } = split(options);
    if (refusal !== undefined) return refusal;
    const source = { text: ownBytes(bytes, text), plain, references };
    const made = compiled(source);
    if (typeof made === "string") return JSON.parse(made);
    return { ok: true, schema: new Schema(KEY, source, made) };
  }

  get draft() {
    return /** @type {import("./index.d.ts").Draft} */ (this.#use((handle) => handle.draft()));
  }

  get digest() {
    return this.#use((handle) => handle.digest());
  }

  /** @type {import("./index.d.ts").Schema["isValid"]} */
  isValid(artifact) {
    const bytes = jsonBytes(artifact, "artifact");
    return this.#use((handle) => handle.isValid(bytes));
  }

  /** @type {import("./index.d.ts").Schema["validate"]} */
  validate(artifact) {
    const bytes = jsonBytes(artifact, "artifact");
    return JSON.parse(this.#use((handle) => handle.validate(bytes)));
  }

  free() {
    if (this.#source === null) return;
    this.#source = null;
    // A handle of an instance that is gone went with it; its address means something else by now.
    call(() => this.#generation === currentGeneration() && this.#handle.free());
  }

  [Symbol.dispose]() {
    this.free();
  }

  /**
   * @template T
   * @param {(handle: import("./wasm/schema_senate.js").CompiledSchema) => T} work
   * @returns {T}
   */
  #use(work) {
    const source = this.#source;
    if (source === null) throw new MisuseError("freed", "this Schema was freed");
    return call(() => {
      if (this.#generation !== currentGeneration()) {
        this.#handle = /** @type {import("./wasm/schema_senate.js").CompiledSchema} */ (compiled(source));
        this.#generation = currentGeneration();
      }
      return work(this.#handle);
    });
  }
}

export class Migration {
  /** What compiles it again on another instance; `null` when it was freed. @type {Uint8Array | null} */
  #plan;
  /** @type {import("./wasm/schema_senate.js").CompiledMigration} */
  #handle;
  #generation = currentGeneration();

  /**
   * @private
   * @param {symbol} key
   * @param {Uint8Array} plan
   * @param {import("./wasm/schema_senate.js").CompiledMigration} handle
   */
  constructor(key, plan, handle) {
    if (key !== KEY) throw new MisuseError("misuse", "use `Migration.compile(plan)`");
    this.#plan = plan;
    this.#handle = handle;
  }

  /** @type {Contract["Migration"]["compile"]} */
  static compile(plan) {
    const bytes = jsonBytes(plan, "plan");
    const made = call((core) => core.compileMigration(bytes));
    if (typeof made === "string") return JSON.parse(made);
    return { ok: true, migration: new Migration(KEY, ownBytes(bytes, plan), made) };
  }

  /** @type {import("./index.d.ts").Migration["up"]} */
  up(artifact, record) {
    const bytes = jsonBytes(artifact, "artifact");
    const { kept, refusal } = keptOf(record);
    if (refusal !== undefined) return refusal;
    return JSON.parse(this.#use((handle) => handle.up(bytes, kept)));
  }

  /** @type {import("./index.d.ts").Migration["down"]} */
  down(artifact) {
    const bytes = jsonBytes(artifact, "artifact");
    return JSON.parse(this.#use((handle) => handle.down(bytes)));
  }

  /** @type {import("./index.d.ts").Migration["verify"]} */
  verify(before, after, record) {
    const was = jsonBytes(before, "before");
    const is = jsonBytes(after, "after");
    const { kept, refusal } = keptOf(record);
    if (refusal !== undefined) return refusal;
    return JSON.parse(this.#use((handle) => handle.verify(was, is, kept)));
  }

  free() {
    if (this.#plan === null) return;
    this.#plan = null;
    call(() => this.#generation === currentGeneration() && this.#handle.free());
  }

  [Symbol.dispose]() {
    this.free();
  }

  /**
   * @template T
   * @param {(handle: import("./wasm/schema_senate.js").CompiledMigration) => T} work
   * @returns {T}
   */
  #use(work) {
    const plan = this.#plan;
    if (plan === null) throw new MisuseError("freed", "this Migration was freed");
    return call((core) => {
      if (this.#generation !== currentGeneration()) {
        const made = core.compileMigration(plan);
        this.#handle = /** @type {import("./wasm/schema_senate.js").CompiledMigration} */ (made);
        this.#generation = currentGeneration();
      }
      return work(this.#handle);
    });
  }
}

/**
 * What a migration has kept of an artifact, as one text, or the answer that refuses it.
 *
 * @param {import("./index.d.ts").UndoRecord | undefined} record
 * @returns {{ kept: Uint8Array, refusal?: { ok: false, problem: import("./index.d.ts").Problem } }}
 */
function keptOf(record) {
  if (record === undefined) return { kept: new Uint8Array(0) };
  const { before, after } = record;
  const { bytes, broken } = recordBytes({ before: before ?? "null", after: after ?? "null" }, "record");
  if (broken === undefined) return { kept: bytes };
  const [problem] = refusedText(`/record/${broken.uri}`, broken.bytes).problems;
  return {
    kept: bytes,
    refusal: { ok: false, problem: /** @type {import("./index.d.ts").Problem} */ (problem) },
  };
}

export class Senate {
  /** The log as it was given, piece by piece; `null` when the senate was freed. @type {Uint8Array[] | null} */
  #log;
  /** @type {import("./wasm/schema_senate.js").SenateHandle} */
  #handle;
  #generation = currentGeneration();

  /**
   * @private
   * @param {symbol} key
   * @param {Uint8Array} log
   * @param {import("./wasm/schema_senate.js").SenateHandle} handle
   */
  constructor(key, log, handle) {
    if (key !== KEY) throw new MisuseError("misuse", "use `Senate.replay(log)`");
    this.#log = [log];
    this.#handle = handle;
  }

  /** @type {Contract["Senate"]["replay"]} */
  static replay(log, options = {}) {
    const bytes = textBytes(log, "log");
    const verify = options.verify ?? true;
    if (typeof verify !== "boolean")
      throw new MisuseError("misuse", "`options.verify` must be true or false");
    const made = call((core) => core.replay(bytes, verify));
    if (typeof made === "string") return JSON.parse(made);
    return { ok: true, senate: new Senate(KEY, ownBytes(bytes, log), made) };
  }

  get seq() {
    return this.#use((handle) => handle.seq());
  }

  get root() {
    return this.#use((handle) => handle.root());
  }

  /** @type {import("./index.d.ts").Senate["decide"]} */
  decide(command, at) {
    const bytes = jsonBytes(command, "command");
    const plain = flat(at, "at");
    return JSON.parse(this.#use((handle) => handle.decide(bytes, plain)));
  }

  /** @type {import("./index.d.ts").Senate["apply"]} */
  apply(events) {
    const bytes = lines(events);
    const answer = JSON.parse(this.#use((handle) => handle.apply(bytes)));
    if (answer.ok) this.#log?.push(NEWLINE, ownBytes(bytes, events));
    return answer;
  }

  /** @type {import("./index.d.ts").Senate["upcast"]} */
  upcast(artifactType, from, to, artifact) {
    word(artifactType, "artifactType");
    for (const [name, version] of Object.entries({ from, to }))
      if (typeof version !== "number")
        throw new MisuseError("misuse", `\`${name}\` must be the number of a version`);
    const bytes = jsonBytes(artifact, "artifact");
    return JSON.parse(this.#use((handle) => handle.upcast(artifactType, from, to, bytes)));
  }

  /** @type {import("./index.d.ts").Senate["view"]} */
  view(name, params, nowMs) {
    word(name, "name");
    const bytes = jsonBytes(params ?? {}, "params");
    if (typeof nowMs !== "number")
      throw new MisuseError("misuse", "`nowMs` must be a number of milliseconds");
    return JSON.parse(this.#use((handle) => handle.view(name, bytes, nowMs)));
  }

  /** @type {import("./index.d.ts").Senate["certificate"]} */
  certificate(proposalId, events, checkpoint) {
    word(proposalId, "proposalId");
    word(checkpoint, "checkpoint");
    const bytes = lines(events);
    return unpacked(
      JSON.parse(this.#use((handle) => handle.certificate(proposalId, bytes, checkpoint))),
      "pae",
    );
  }

  free() {
    if (this.#log === null) return;
    this.#log = null;
    call(() => this.#generation === currentGeneration() && this.#handle.free());
  }

  [Symbol.dispose]() {
    this.free();
  }

  /**
   * @template T
   * @param {(handle: import("./wasm/schema_senate.js").SenateHandle) => T} work
   * @returns {T}
   */
  #use(work) {
    const log = this.#log;
    if (log === null) throw new MisuseError("freed", "this Senate was freed");
    return call((core) => {
      if (this.#generation !== currentGeneration()) {
        // What was verified when it came need not be verified again.
        const made = core.replay(join(log), false);
        this.#handle = /** @type {import("./wasm/schema_senate.js").SenateHandle} */ (made);
        this.#generation = currentGeneration();
      }
      return work(this.#handle);
    });
  }
}

const NEWLINE = new Uint8Array([10]);

/**
 * Events as one text, one a line.
 *
 * @param {string | Uint8Array | readonly object[]} events
 */
function lines(events) {
  return Array.isArray(events)
    ? join(events.flatMap((event) => [jsonBytes(event, "events"), NEWLINE]))
    : textBytes(/** @type {string | Uint8Array} */ (events), "events");
}

/**
 * An answer with one member as bytes that crossed as base64.
 *
 * @param {any} answer
 * @param {string} name
 */
function unpacked(answer, name) {
  if (!answer.ok) return answer;
  const binary = atob(answer[name]);
  const bytes = new Uint8Array(binary.length);
  // A call for each byte would take seconds for a large import.
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return { ...answer, [name]: bytes };
}

/** @typedef {{ text: Uint8Array, plain: Record<string, unknown>, references: Uint8Array }} SchemaSource */

/** @param {SchemaSource} source */
function compiled({ text, plain, references }) {
  return call((core) => core.compile(text, plain, references));
}

/**
 * Options, their references as one text, or the answer that refuses a reference.
 *
 * @param {{ references?: Record<string, import("./index.d.ts").JsonInput> } | undefined} options
 */
function split(options) {
  const { references: documents, ...rest } = options ?? {};
  const plain = flat(rest, "options");
  const { bytes: references, broken } = recordBytes(documents, "options.references");
  return { plain, references, refusal: broken && refused(broken.uri, broken.bytes) };
}

/**
 * Says what is wrong with a reference's text, at its place.
 *
 * @param {string} uri
 * @param {Uint8Array} bytes
 * @returns {{ ok: false, problems: import("./index.d.ts").Problem[] }}
 */
function refused(uri, bytes) {
  return refusedText(`/references/${uri.replaceAll("~", "~0").replaceAll("/", "~1")}`, bytes);
}

/**
 * Says what is wrong with a text that is not one JSON text, at its place.
 *
 * @param {string} place
 * @param {Uint8Array} bytes
 * @returns {{ ok: false, problems: import("./index.d.ts").Problem[] }}
 */
function refusedText(place, bytes) {
  const { problem } = JSON.parse(call((core) => core.canonicalize(bytes)));
  return { ok: false, problems: [{ ...problem, pointer: `${place}${problem.pointer}` }] };
}

/**
 * The identifier of a batch line, when it can be read without the core.
 *
 * @param {Uint8Array} line
 */
function idOf(line) {
  try {
    return JSON.parse(new TextDecoder().decode(line)).id ?? null;
  } catch {
    return null;
  }
}
