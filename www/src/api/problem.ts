import type { Problem } from "schema-senate";

/** Why a request has no answer to show. */
export type FailureKind =
  /** The host cannot be reached. */
  | "offline"
  /** There is no such thing. */
  | "missing"
  /** The host said no, and says why. */
  | "refused"
  /** The host failed. */
  | "failed";

/** A request that did not succeed, in words, with the host's problems (RFC 9457 problem details). */
export class Failure extends Error {
  override readonly name = "Failure";

  constructor(
    readonly kind: FailureKind,
    /** One line. */
    readonly title: string,
    /** What more there is to say. */
    readonly detail: string,
    readonly code: string = kind,
    readonly problems: Problem[] = [],
  ) {
    super(title);
  }
}

export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure(
    "failed",
    "Something went wrong in this page",
    error instanceof Error ? error.message : String(error),
  );
}

interface Details {
  title?: unknown;
  detail?: unknown;
  code?: unknown;
  problems?: unknown;
}

/** Reads an answer that is not a success; the body may be anything. */
export async function failureOf(response: Response): Promise<Failure> {
  const body: unknown = await response.json().catch(() => undefined);
  const details: Details = typeof body === "object" && body !== null ? body : {};
  const text = (value: unknown, otherwise: string) =>
    typeof value === "string" && value !== "" ? value : otherwise;
  const kind = response.status === 404 ? "missing" : response.status >= 500 ? "failed" : "refused";
  return new Failure(
    kind,
    text(details.title, kind === "failed" ? "The host failed" : `The host answered ${response.status}`),
    text(details.detail, ""),
    text(details.code, kind),
    Array.isArray(details.problems) ? details.problems.filter(isProblem) : [],
  );
}

function isProblem(value: unknown): value is Problem {
  return (
    typeof value === "object" &&
    value !== null &&
    "code" in value &&
    typeof value.code === "string" &&
    "message" in value &&
    typeof value.message === "string" &&
    "pointer" in value &&
    typeof value.pointer === "string"
  );
}
