/** Problem details (RFC 9457): the one shape of every answer that is a "no". */
import type { Problem, ValidationError } from "schema-senate";
import { ConflictError, StoreError } from "../store/store.js";

export interface ProblemDetails {
  /** `urn:schema-senate:problem:` and the code. */
  type: string;
  title: string;
  status: number;
  detail: string;
  instance?: string;
  code: string;
  problems: Problem[];
}

/** Thrown by a route; becomes the answer. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  constructor(
    readonly problems: readonly Problem[],
    readonly status: number = statusOf(problems[0]?.code ?? ""),
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(problems[0]?.message ?? "Refused.");
  }
}

/** One problem that the host itself has found. */
export function refuse(
  status: number,
  code: string,
  message: string,
  more: { pointer?: string; remedy?: string; headers?: Record<string, string> } = {},
): Refusal {
  return new Refusal([problem(code, message, more)], status, more.headers);
}

export function problem(
  code: string,
  message: string,
  more: { pointer?: string; remedy?: string } = {},
): Problem {
  return {
    code,
    severity: "error",
    pointer: more.pointer ?? "",
    message,
    ...(more.remedy === undefined ? {} : { remedy: more.remedy }),
  };
}

/** A validation error as a problem of the document that holds the artifact at `under`. */
export function problemOf(error: ValidationError, under = ""): Problem {
  return {
    code: error.code,
    severity: "error",
    pointer: under + error.instance_path,
    message: error.message,
    ...(error.offset === undefined ? {} : { offset: error.offset }),
  };
}

const TITLES: Record<number, string> = {
  400: "The request cannot be read",
  401: "Not signed by the member",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict with the current state",
  412: "Somebody was first",
  413: "Too large",
  415: "Unsupported media type",
  421: "Wrong host",
  422: "The request was understood and refused",
  428: "It must be said what the request builds on",
  500: "The host has failed",
  503: "Not available now",
};

export function detailsOf(refusal: Refusal, instance: string): ProblemDetails {
  const first = refusal.problems[0];
  const code = first?.code ?? "refused";
  return {
    type: `urn:schema-senate:problem:${code}`,
    title: TITLES[refusal.status] ?? "Refused",
    status: refusal.status,
    detail: first?.message ?? "Refused.",
    instance,
    code,
    problems: [...refusal.problems],
  };
}

/** What waiting does not mend. */
const DAMAGE: ReadonlySet<string> = new Set(["store_damaged", "log_rewritten", "log_key_wrong"]);

/** What a thrown error is to the client; `undefined` when it is a fault of the host. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof ConflictError) {
    return refuse(409, "conflict", error.message, { remedy: "Read the current state and try again." });
  }
  if (error instanceof StoreError) {
    if (error.code === "not_storable") return refuse(422, "artifact_not_storable", error.message);
    if (DAMAGE.has(error.code)) return undefined;
    return refuse(503, error.code, error.message, {
      remedy: "Try again shortly; read the proposal first, the command may have been stored.",
      headers: { "retry-after": "1" },
    });
  }
  return undefined;
}

const STATUS: readonly (readonly [number, readonly string[]])[] = [
  [
    401,
    [
      "key_not_frozen",
      "key_revoked",
      "key_unknown",
      "other_instance",
      "signature_missing",
      "signature_wrong",
    ],
  ],
  [
    403,
    [
      "actor_retired",
      "actor_unknown",
      "import_not_allowed",
      "not_a_judge",
      "not_a_member",
      "not_allowed_to_open",
      "not_allowed_to_retry",
      "not_the_proposer",
      "not_who_raised_it",
    ],
  ],
  [
    404,
    [
      "artifact_type_unknown",
      "artifact_unknown",
      "artifact_version_unknown",
      "audit_unknown",
      "concern_unknown",
      "log_index_unknown",
      "log_size_unknown",
      "proposal_unknown",
      "rehearsal_unknown",
      "schema_version_unknown",
    ],
  ],
  [
    409,
    [
      "appealed_before",
      "artifact_exists",
      "artifact_moved_on",
      "artifact_type_exists",
      "ballot_cast_before",
      "checkpoint_unknown",
      "concern_closed",
      "concern_named_before",
      "electorate_too_small",
      "equivocation",
      "migration_failed_before",
      "migration_not_begun",
      "migration_not_failed",
      "nonce_not_rising",
      "nothing_to_appeal",
      "nothing_to_certify",
      "nothing_to_migrate",
      "other_subject",
      "override_signed_before",
      "plan_not_approved",
      "principals_too_few",
      "proposal_over",
      "recused_before",
      "resubmission_too_soon",
      "review_not_over",
      "review_over",
      "scope_is_clear",
      "senate_founded_before",
      "too_many_concerns",
      "too_many_live_proposals",
      "version_in_use",
      "version_is_current",
      "version_retired_before",
      "vote_closed",
      "vote_not_open",
      "vote_opened_before",
    ],
  ],
  [413, ["json_too_large"]],
  [428, ["base_version_missing"]],
  [503, ["clock_behind", "senate_not_founded"]],
];

const STATUS_OF = new Map(STATUS.flatMap(([status, codes]) => codes.map((code) => [code, status] as const)));

/** The HTTP status of a refusal by the core: by its code, else 422. */
export function statusOf(code: string): number {
  return STATUS_OF.get(code) ?? (isUnreadable(code) ? 400 : 422);
}

/** Text that is not JSON, or not such as two readers would read alike. A number too large to hash can be read. */
export function isUnreadable(code: string): boolean {
  return code.startsWith("json_") && code !== "json_unsafe_integer" && code !== "json_too_large";
}
