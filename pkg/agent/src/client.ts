/**
 * A client of a schema-senate host: typed calls over `fetch`, for Node and for the browser.
 *
 * Documents of users (drafts, schemas, artifacts) are sent as the text they were given in, so that the core on the
 * other side judges what was written, not what a parser here made of it.
 */
import type {
  Choice,
  CompatibilitySetting,
  Digest,
  DraftCheck,
  DraftContext,
  Json,
  Problem,
  ProposalSummary,
  ProposalView,
  SchemaVersion,
  SenateEvent,
  SenateView,
  Status,
  TypeSummary,
  TypeView,
  Validation,
} from "schema-senate";

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

export interface ProposalFilter {
  status?: Status | "live" | "archived";
  artifact_type?: string;
  proposer_id?: string;
  text?: string;
  limit?: number;
  cursor?: string;
}

export interface ClientOptions {
  /** Address of the host, e.g. `http://127.0.0.1:8787`. */
  host: string;
  /** Instead of the global `fetch`. */
  fetch?: typeof fetch;
}

export class SenateClient {
  readonly host: string;
  readonly #fetch: typeof fetch;

  constructor(options: ClientOptions) {
    this.host = options.host.replace(/\/+$/, "");
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
    by: string,
    compatibility?: Partial<CompatibilitySetting>,
  ): Promise<TypeView> {
    const body = object([
      ["by", JSON.stringify(by)],
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
    return this.#json("POST", routes.type(artifactType), { text: body });
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

  /**
   * `draft` is the proposal's JSON text. Leave `proposer_id` out only when the text has its own. With `open_voting` the
   * vote is opened at once; where that is refused, the proposal stands all the same and `notices` says why.
   */
  propose(
    draft: JsonText,
    options: { proposer_id?: string; open_voting?: boolean } = {},
  ): Promise<ProposalView & { notices?: Problem[] }> {
    const text = Object.entries(options).reduce<JsonText>(
      (text, [name, value]) => (value === undefined ? text : withMember(text, name, value)),
      draft,
    );
    return this.#json("POST", routes.proposal(), { text });
  }

  proposal(id: string): Promise<ProposalView> {
    return this.#json("GET", routes.proposal(id));
  }

  proposals(filter: ProposalFilter = {}): Promise<{ proposals: ProposalSummary[]; next_cursor?: string }> {
    return this.#json("GET", routes.proposals(filter));
  }

  open(id: string, by: string): Promise<ProposalView> {
    return this.#json("POST", routes.proposal(id, "open"), { value: { by } });
  }

  /** `subject` is what the voter saw: the digest from the proposal's `vote.subject`. */
  vote(
    id: string,
    ballot: { voter_id: string; choice: Choice; reason?: string; subject: Digest },
  ): Promise<ProposalView> {
    return this.#json("POST", routes.proposal(id, "vote"), { value: ballot });
  }

  withdraw(id: string, by: string, reason?: string): Promise<ProposalView> {
    return this.#json("POST", routes.proposal(id, "withdraw"), {
      value: { by, ...(reason === undefined ? {} : { reason }) },
    });
  }

  /** Runs the migration of an approved proposal again, after it had failed or was interrupted. */
  migrate(id: string): Promise<ProposalView> {
    return this.#json("POST", routes.proposal(id, "migrate"));
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
          accept: "application/json, application/x-ndjson, application/problem+json",
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
  proposal: (
    ...path: [] | [id: string] | [id: string, action: "open" | "vote" | "withdraw" | "migrate"]
  ): string => ["/api/senate/schema-proposal", ...path.map((part) => encodeURIComponent(part))].join("/"),
} as const;

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
