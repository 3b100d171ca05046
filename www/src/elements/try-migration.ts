import type { Json, Migration, Plan, Schema, SchemaVersion } from "schema-senate";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { asFailure, type Failure } from "../api/problem.js";
import { core } from "../core.js";
import { compile } from "../state/compiled.js";
import { plural } from "../words/status.js";
import type { ArtifactChange } from "./artifact-change.js";
import "./artifact-change.js";
import { define, SenateElement, uniqueId } from "./base.js";
import { notice, type Part } from "./parts.js";

/** Files larger than this are not what anybody rehearses in a page. */
const LARGEST = 8 * 1024 * 1024;

/** A rehearsal on the reader's own files, by the core in this page: nothing is sent. */
export class SenateTryMigration extends SenateElement {
  @property({ attribute: false }) accessor plan: Plan | undefined;
  /** The next schema. */
  @property({ attribute: false }) accessor next: Json | undefined;
  /** The version that it follows, whose references and dialect it has. */
  @property({ attribute: false }) accessor base: SchemaVersion | undefined;
  @state() private accessor files: readonly { name: string; text: string }[] = [];
  @state() private accessor changes: readonly ArtifactChange[] = [];
  /** Files that are no JSON, or that the migration refuses, with the reason. */
  @state() private accessor unread: readonly { name: string; message: string }[] = [];
  @state() private accessor unchanged = 0;
  @state() private accessor failure: Failure | undefined;

  readonly #id = uniqueId("try-migration");

  protected override updated(changed: PropertyValues): void {
    if (["plan", "next", "base"].some((name) => changed.has(name)) && this.files.length > 0) void this.#run();
  }

  protected override render(): unknown {
    const invalid = this.changes.filter(({ errors }) => errors.length > 0).length;
    return html`<div class="sn-try">
      <label for="${this.#id}">Your own artifacts, one JSON document a file</label>
      <input
        id="${this.#id}"
        type="file"
        class="sn-input"
        multiple
        accept=".json,application/json"
        @change=${(event: Event) => void this.#read((event.target as HTMLInputElement).files ?? [])}
      />
      <div class="sn-try-answer" aria-live="polite">
        ${this.failure ? notice("bad", "The core could not rehearse it", this.failure.detail) : nothing}
        ${
          this.changes.length === 0
            ? html`<p class="sn-quiet">
                The core in this page migrates and validates them; nothing is sent.
              </p>`
            : html`<p class="sn-claim" data-tone=${invalid === 0 ? "good" : "bad"}>
                <span aria-hidden="true">${invalid === 0 ? "✓" : "✕"}</span>
                <span
                  >${this.changes.length - invalid} of ${plural(this.changes.length, "artifact")} valid
                  afterwards${this.unchanged > 0 ? `; ${this.unchanged} unchanged` : ""}.</span
                >
              </p>`
        }
        ${this.#unread()}
      </div>
      <senate-artifact-changes .changes=${this.changes}></senate-artifact-changes>
    </div>`;
  }

  #unread(): Part {
    if (this.unread.length === 0) return nothing;
    return html`<ul class="sn-failures">
      ${this.unread.map(({ name, message }): TemplateResult => html`<li><code>${name}</code>: ${message}</li>`)}
    </ul>`;
  }

  async #read(files: Iterable<File>): Promise<void> {
    const given = [...files];
    const small = given.filter(({ size }) => size <= LARGEST);
    this.files = await Promise.all(small.map(async (file) => ({ name: file.name, text: await file.text() })));
    await this.#run();
    const large = given.filter((file) => !small.includes(file));
    const tooLarge = large.map(({ name }) => ({ name, message: "It is larger than 8 MB." }));
    this.unread = [...this.unread, ...tooLarge];
  }

  async #run(): Promise<void> {
    const { plan, next, base } = this;
    if (plan === undefined || next === undefined) return;
    try {
      const { Migration, Schema } = await core();
      const migration = Migration.compile(JSON.stringify(plan));
      if (!migration.ok) throw new Error(migration.problem.message);
      const schema =
        base === undefined ? Schema.compile(JSON.stringify(next)) : await compile({ ...base, schema: next });
      if (!schema.ok) throw new Error(schema.problems[0]?.message ?? "The next schema cannot be compiled.");
      try {
        this.#tried(migration.migration, schema.schema);
        this.failure = undefined;
      } finally {
        migration.migration.free();
        schema.schema.free();
      }
    } catch (error) {
      this.failure = asFailure(error);
    }
  }

  #tried(migration: Migration, schema: Schema): void {
    const changes: ArtifactChange[] = [];
    const unread: { name: string; message: string }[] = [];
    let unchanged = 0;
    for (const { name, text } of this.files) {
      const up = migration.up(text);
      if (!up.ok) {
        unread.push({ name, message: up.problem.message });
        continue;
      }
      if (!up.changed) unchanged += 1;
      const { errors: found } = schema.validate(JSON.stringify(up.artifact));
      const errors = found.map(({ instance_path: pointer, message }) => ({ pointer, message }));
      changes.push({
        name,
        before: JSON.parse(text) as Json,
        after: up.artifact,
        errors,
        skipped: up.skipped,
      });
    }
    this.changes = changes;
    this.unread = unread;
    this.unchanged = unchanged;
  }
}

define("senate-try-migration", SenateTryMigration);
