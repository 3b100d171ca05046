/**
 * An example senate, for a first look: the artifact types of a research platform, a few artifacts of each, five
 * members, and proposals in three states. The schemas are this product's own.
 */
import { readFileSync } from "node:fs";
import type { Deed, Json, PartialPolicy, ProposalDraft } from "schema-senate";
import { type FoundingMember, foundSenate, type Host } from "./host.js";

/** Seen from `dist/`. */
const FOLDER = new URL("../example/", import.meta.url);

/** Types and their versions, oldest first; a file each: `schemas/<type>.<version>.json`. */
const TYPES: Readonly<Record<string, number>> = {
  analysis: 1,
  comment: 1,
  dataset: 1,
  experiment: 3,
  figure: 1,
  hypothesis: 1,
  kg_edge: 1,
  knowledge_gap: 1,
  model: 1,
  notebook: 1,
  paper: 1,
  protein_design: 1,
  tabular_dataset: 1,
  wiki: 1,
};

interface Settings {
  origin: string;
  by: string;
  members: FoundingMember[];
  policy: PartialPolicy;
  descriptions: Record<string, string[]>;
}

interface StoredExample {
  id: string;
  artifact_type: string;
  title: string;
  created_by: string;
  metadata: Json;
}

interface ProposedExample {
  proposer_id: string;
  /** Whether its vote is opened. */
  open: boolean;
  ballots: { voter_id: string; choice: "yes" | "no" | "abstain"; reason?: string }[];
  draft: ProposalDraft;
}

/** The example's schemas, oldest version first. */
export function exampleTypes(): {
  artifact_type: string;
  versions: { schema: Json; description?: string }[];
}[] {
  const { descriptions } = read<Settings>("senate.json");
  return Object.entries(TYPES).map(([artifact_type, count]) => ({
    artifact_type,
    versions: Array.from({ length: count }, (_, index) => {
      const description = descriptions[artifact_type]?.[index];
      const schema = read<Json>(`schemas/${artifact_type}.${index + 1}.json`);
      return description === undefined ? { schema } : { schema, description };
    }),
  }));
}

/**
 * Founds the example senate and fills it; `false`, with nothing changed, when the senate is founded already. Its members have no
 * keys of their own: the host must be in development mode.
 *
 * @throws Error when a part of the example is refused, which the tests rule out.
 */
export async function seedExample(host: Host): Promise<boolean> {
  const { origin, by, members, policy } = read<Settings>("senate.json");
  if (!(await foundSenate(host, { origin, members, policy }))) return false;
  for (const { artifact_type, versions } of exampleTypes()) {
    await done(host, { command: "import_type", artifact_type, versions, by });
  }
  for (const { metadata, ...rest } of read<StoredExample[]>("artifacts.json")) {
    const registered = await host.artifacts.register({ ...rest, metadata: JSON.stringify(metadata) });
    if (!registered.ok) throw new Error(`${rest.id}: ${registered.problems[0]?.message}`);
  }
  for (const proposed of read<ProposedExample[]>("proposals.json")) await propose(host, proposed);
  return true;
}

async function propose(host: Host, { proposer_id, open, ballots, draft }: ProposedExample): Promise<void> {
  const events = await done(host, { command: "propose", proposer_id, ...draft });
  const proposal_id = events.find((event) => event.event === "proposal_created")?.proposal_id ?? "";
  if (!open) return;
  await done(host, { command: "open_vote", proposal_id, by: proposer_id });
  const found = await host.view("proposal", { proposal_id });
  const subject = found.ok ? (found.view.vote?.subject ?? "") : "";
  for (const ballot of ballots) await done(host, { command: "cast_ballot", proposal_id, subject, ...ballot });
}

async function done(host: Host, deed: Deed) {
  const executed = await host.execute(deed);
  if (executed.ok) return executed.events;
  throw new Error(
    `${deed.command}: ${executed.problems.map((one) => `${one.pointer} ${one.message}`).join("; ")}`,
  );
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as T;
}
