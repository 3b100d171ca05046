/**
 * schema-senate-host: a senate that is stored and served.
 *
 * ```ts
 * const store = await openStore(process.env.DATABASE_URL ?? ".senate");   // a folder, "memory:", "postgres://…"
 * const host = await createHost({ store, development: true });          // without it, every act comes signed
 * await seedExample(host);                                               // or: await foundSenate(host, {origin, members})
 * const server = await serve(host, { port: 7357, static: "www/dist" });  // {url, port, close()}
 * await server.close();                                                  // stops serving, then closes host and store
 * ```
 */
export { createHost, Host } from "./host.js";
export type {
  Counted,
  Executed,
  Founding,
  FoundingMember,
  HostOptions,
  Logger,
  Migrated,
  Proposed,
} from "./host.js";
export { foundSenate } from "./host.js";
export type {
  AskedVersion,
  Registered,
  RegisterOptions,
  Shown,
  UpdateOptions,
} from "./artifacts/artifacts.js";
export type { PinState } from "./artifacts/pins.js";
export type { Finding, Progress as AuditProgress } from "./validation/audits.js";
export type { ValidationMode, Verdict } from "./validation/validator.js";
export type { History, Repetition, ReproducibilityCheck, StepOptions } from "./processing/steps.js";
export type { Progress } from "./migration/progress.js";
export type { Rehearsal, Sample } from "./migration/rehearsal.js";
export type { Rehearsed } from "./migration/rehearsals.js";
export type { StoredCount, StoredFailure, StoredVerdict } from "./stored-verdict.js";
export type { JudgedDraft, ScopeJudge, ScopeVerdict } from "./judge.js";
export {
  DevelopmentKeys,
  KeyFileError,
  keyFromPem,
  newKey,
  openLogKey,
  readKey,
  readOrMakeKey,
} from "./keys.js";
export type { SigningKey } from "./keys.js";
export { signedNote } from "./checkpoint.js";
export type { Certificate } from "./checkpoint.js";
export { importLog } from "./import.js";
export type { Imported } from "./import.js";
export { openStore } from "./store/open.js";
export type { OpenStoreOptions } from "./store/open.js";
export { ConflictError, StoreError } from "./store/store.js";
export type {
  ArtifactFilter,
  ArtifactRow,
  ArtifactVersionRow,
  ArtifactVersionSummary,
  CheckpointRow,
  Pin,
  ProcessingStepRow,
  Store,
  StoreKind,
  StoredEvent,
  Transaction,
  ValidationRunRow,
} from "./store/store.js";
export { FolderLockedError } from "./store/lock.js";
export { createApp } from "./http/app.js";
export type { AppOptions } from "./http/app.js";
export { serve } from "./serve.js";
export type { RunningServer, ServeOptions } from "./serve.js";
export { exampleTypes, seedExample } from "./example.js";
export { openApiDocument } from "./http/contract.js";
export type { ProblemDetails } from "./http/problem.js";
