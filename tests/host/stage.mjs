// What the host's tests share: stores of every kind, a host behind a real socket, a client, a small senate.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHost, DevelopmentKeys, foundSenate, newKey, openStore, serve } from "schema-senate-host";
import { noPostgres, startPostgres } from "./postgres.mjs";
import { keyPair, signAct } from "./verify.mjs";

/** The three stores: `open()` gives the location of an empty one, `close()` removes everything. */
export function storeKinds() {
  const folders = [];
  let server;
  return [
    { kind: "memory", skip: false, open: async () => "memory:", close: async () => undefined },
    {
      kind: "pglite",
      skip: false,
      open: async () => {
        const folder = await temporaryFolder();
        folders.push(folder);
        return folder;
      },
      close: async () => {
        await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
      },
    },
    {
      kind: "postgresql",
      skip: noPostgres,
      open: async () => {
        server ??= startPostgres();
        return (await server).database();
      },
      close: async () => {
        if (server !== undefined) await (await server).stop();
        server = undefined;
      },
    },
  ];
}

export function temporaryFolder() {
  return mkdtemp(join(tmpdir(), "senate-test-"));
}

/** Collects what a host says, for tests that look at it. */
export function quietLogger() {
  const lines = [];
  const add = (level) => (message) => lines.push(`${level}: ${message}`);
  return { lines, info: add("info"), warn: add("warn"), error: add("error") };
}

/** A clock that stands until it is moved. */
export function handClock(startMs = Date.UTC(2026, 10, 21)) {
  const clock = { ms: startMs, now: () => clock.ms, forward: (ms) => (clock.ms += ms) };
  return clock;
}

export const ORIGIN = "test.senate.invalid";
export const MEMBERS = ["ana", "ben", "cho", "dee"].map((id) => ({ id }));

/** What the hosts of one test process share, so that several of them can be on one store: they sign for all members. */
export const SIGNING = { logKey: newKey(), development: DevelopmentKeys.inMemory() };

/** A host over HTTP on a free port; every answer is held against the OpenAPI document. */
export async function startHost(location, options = {}) {
  const { members = MEMBERS, policy, scope, found = true, serveOptions = {}, ...hostOptions } = options;
  const logger = quietLogger();
  const store = typeof location === "string" ? await openStore(location) : location;
  const host = await createHost({ ...SIGNING, store, logger, settleEveryMs: 0, ...hostOptions });
  if (found) await foundSenate(host, { origin: ORIGIN, members, policy, scope });
  const server = await serve(host, { port: 0, validateAnswers: true, ...serveOptions });
  return { host, store, server, logger, ...client(server.url), close: () => server.close() };
}

/** Calls of a host. A body is sent as it stands when it is text or bytes. */
export function client(url) {
  const call = async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get("content-type") ?? "").includes("json");
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && !response.headers.get("content-type").includes("ndjson") ? JSON.parse(text) : undefined,
    };
  };
  const get = (path) => call("GET", path);
  const post = (path, body, headers) => call("POST", path, body, headers);
  const ok = async (answer) => {
    const { status, body, text } = await answer;
    assert.ok(status < 300, `${status}: ${text}`);
    return body;
  };
  return {
    url,
    call,
    get,
    post,
    read: (path) => ok(get(path)),
    send: (path, body) => ok(post(path, body)),
    /** Opens a vote and gives what the ballots must name. */
    async opened(id, by = "ana") {
      const view = await ok(post(`/api/senate/schema-proposal/${id}/open`, { by }));
      return view.vote.subject;
    },
    vote: (id, voter_id, choice, subject, reason) =>
      post(`/api/senate/schema-proposal/${id}/vote`, {
        voter_id,
        choice,
        subject,
        ...(reason === undefined ? {} : { reason }),
      }),
  };
}

export const NOTE = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Note",
  type: "object",
  required: ["text"],
  properties: {
    text: { type: "string", minLength: 1 },
    stars: { type: "integer", minimum: 0, maximum: 5 },
  },
  additionalProperties: false,
};

export const NO_MIGRATION = { none_needed: "The field is optional, so stored notes stay as they are." };

/** A draft that adds a field to the type `note`; compatible unless told otherwise. */
export function addField(field_spec, more = {}) {
  const { title, target_artifact_type = "note", ...metadata } = more;
  return {
    proposal_type: "schema_change",
    ...(title === undefined ? {} : { title }),
    metadata: {
      target_artifact_type,
      change_type: "add_field",
      field_spec,
      rationale:
        "Readers cannot tell which notes were checked by somebody and which were only written down once.",
      use_cases: [{ who: "ana", need: "list the notes that nobody has checked" }],
      migration_plan: NO_MIGRATION,
      backward_compatible: true,
      ...metadata,
    },
  };
}

/** Lines of a log as objects. */
export function linesOf(ndjson) {
  return ndjson
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

const PROPOSAL = "/api/senate/schema-proposal";

/** Where each act goes, and which of its members the path carries. */
const ROUTES = {
  import_type: ({ artifact_type }) => [`/api/schemas/${artifact_type}`, ["artifact_type"]],
  retire_version: ({ artifact_type, version }) => [
    `/api/schemas/${artifact_type}/versions/${version}/retire`,
    ["artifact_type", "version"],
  ],
  rotate_key: () => ["/api/senate/keys/rotate", []],
  propose: () => [PROPOSAL, []],
  revise: ({ proposal_id }) => [`${PROPOSAL}/${proposal_id}/revise`, ["proposal_id"]],
  open_vote: ({ proposal_id }) => [`${PROPOSAL}/${proposal_id}/open`, ["proposal_id"]],
  cast_ballot: ({ proposal_id }) => [`${PROPOSAL}/${proposal_id}/vote`, ["proposal_id"]],
  withdraw: ({ proposal_id }) => [`${PROPOSAL}/${proposal_id}/withdraw`, ["proposal_id"]],
  recuse: ({ proposal_id }) => [`${PROPOSAL}/${proposal_id}/recuse`, ["proposal_id"]],
  comment: ({ proposal_id }) => [`${PROPOSAL}/${proposal_id}/comment`, ["proposal_id"]],
  raise_concern: ({ proposal_id }) => [`${PROPOSAL}/${proposal_id}/concern`, ["proposal_id"]],
  resolve_concern: ({ proposal_id, concern_id }) => [
    `${PROPOSAL}/${proposal_id}/concern/${concern_id}/resolve`,
    ["proposal_id", "concern_id"],
  ],
  override_concern: ({ proposal_id, concern_id }) => [
    `${PROPOSAL}/${proposal_id}/concern/${concern_id}/override`,
    ["proposal_id", "concern_id"],
  ],
  appeal: ({ proposal_id }) => [`${PROPOSAL}/${proposal_id}/appeal`, ["proposal_id"]],
  retry_migration: ({ proposal_id }) => [`${PROPOSAL}/${proposal_id}/migrate/retry`, ["proposal_id"]],
  abandon_migration: ({ proposal_id }) => [`${PROPOSAL}/${proposal_id}/migrate/abandon`, ["proposal_id"]],
  judge_scope: ({ proposal_id }) => [`${PROPOSAL}/${proposal_id}/scope-verdict`, ["proposal_id"]],
};

const ACTORS = { propose: "proposer_id", cast_ballot: "voter_id" };

/** A host that takes signed acts only, and members who hold their own keys. */
export async function startSigned(location, { ids = MEMBERS.map(({ id }) => id), ...options } = {}) {
  const keys = Object.fromEntries(ids.map((id) => [id, keyPair()]));
  const members = ids.map((id) => ({ id, key: keys[id].public }));
  const senate = await startHost(location, { development: false, members, ...options });
  return withKeys(senate, keys);
}

/** Members' hands on a host, also on a second one of the same senate. */
export function withKeys(senate, keys) {
  const signing = (id) => senate.read(`/api/senate/signing/${encodeURIComponent(id)}`);
  /** The act as it is signed; `changes` puts other signing members in place of the right ones before it is. */
  const sign = async (by, command, members = {}, changes = {}) => {
    const { key = keys[by], ...other } = changes;
    const act = { command, [ACTORS[command] ?? "by"]: by, ...members };
    return signAct(act, key, { ...(await signing(by)), ...other });
  };
  /** Sends an act as it is. */
  const deliver = ({ command, ...act }) => {
    const [path, inPath] = ROUTES[command](act);
    return senate.post(
      path,
      Object.fromEntries(Object.entries(act).filter(([name]) => !inPath.includes(name))),
    );
  };
  const act = async (by, command, members, changes) => deliver(await sign(by, command, members, changes));
  /** An act that must be taken. */
  const done = async (by, command, members) => {
    const answer = await act(by, command, members);
    assert.ok(answer.status < 300, `${command} of ${by}: ${answer.status} ${answer.text}`);
    return answer.body;
  };
  /** Votes until it is decided. */
  const carry = async (proposal_id, opener, voters = Object.keys(keys)) => {
    const { vote } = await done(opener, "open_vote", { proposal_id });
    let last;
    for (const voter of voters) {
      last = await done(voter, "cast_ballot", { proposal_id, choice: "yes", subject: vote.subject });
      if (last.status !== "voting") break;
    }
    return last;
  };
  return { ...senate, keys, signing, sign, deliver, act, done, carry };
}
