/**
 * Why a command ends without its answer, and with which exit code.
 *
 * A fault carries a problem in the core's shape, so that people read a sentence and scripts read a document; a stack
 * trace is shown only for faults of the program itself.
 */
import type { Problem } from "schema-senate";

/** Stable: scripts branch on these. */
export const Exit = {
  /** Done; or the answer is yes: valid, compatible, accepted. */
  ok: 0,
  /** The answer is no: invalid, breaking, undecided, refused, rejected. */
  no: 1,
  /** The command was not understood; nothing was done. */
  usage: 2,
  /** A host, a file or a stream could not be reached, read or written. */
  io: 3,
  /** A fault of this program. */
  internal: 4,
} as const;

export type ExitCode = (typeof Exit)[keyof typeof Exit];

export type PlainProblem = Omit<Problem, "severity" | "pointer"> &
  Partial<Pick<Problem, "severity" | "pointer">>;

export class Fault extends Error {
  override readonly name = "Fault";
  readonly problems: Problem[];

  constructor(
    readonly exit: ExitCode,
    problems: PlainProblem | readonly PlainProblem[],
    /** What the problems are about: a file's name, a route. */
    readonly subject?: string,
  ) {
    const all = (Array.isArray(problems) ? problems : [problems]) as readonly PlainProblem[];
    super(all[0]?.message ?? "unknown problem");
    this.problems = all.map((problem) => ({ severity: "error", pointer: "", ...problem }));
  }
}

/** The command line itself is wrong. */
export function usageFault(message: string, remedy?: string): Fault {
  return new Fault(Exit.usage, { code: "usage", message, ...(remedy === undefined ? {} : { remedy }) });
}
