/** How rows of artifacts follow from one another, the same in every store. */
import type { ArtifactVersionRow, VersionNote } from "./artifact-port.js";
import { type ArtifactRow, StoreError } from "./store.js";

/** The version that an artifact's row shows. */
export function versionOf(
  row: ArtifactRow,
  note: VersionNote,
  parent: number | null,
  proposalId: string | null = null,
): ArtifactVersionRow {
  return {
    artifact_id: row.id,
    version_number: row.version_number,
    parent_version: parent,
    artifact_type: row.artifact_type,
    schema_version: row.schema_version,
    metadata: row.metadata,
    content_hash: row.content_hash,
    created_by: note.created_by,
    created_ms: row.updated_ms,
    changelog: note.changelog,
    pins: row.pins ?? null,
    warnings: row.warnings,
    proposal_id: proposalId,
  };
}

/** The type in a migration's name, `experiment@3->4`. */
export function typeOfMigration(name: string): string {
  const at = name.lastIndexOf("@");
  if (at < 1) throw new StoreError("store_damaged", `"${name}" is not the name of a migration`);
  return name.slice(0, at);
}
