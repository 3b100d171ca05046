/**
 * JSON Lines in, JSON Lines out, for engines in Node: see `Asked` and `Answered` of xtask-compare.
 *
 * Schemas arrive as texts. `prepare` gives an engine its natural input and is not timed; `ask` is.
 */
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

/** Loads from the folder that `cargo xtask compare` installs into: the second argument of each runner. */
export const load = process.argv[2] === undefined ? undefined : createRequire(process.argv[2]);

/** Whatever a peer prints must not stand between the answers. */
const write = process.stdout.write.bind(process.stdout);
console.log = console.info = console.debug = console.error;

const sentence = (error) => String(error?.message ?? error).slice(0, 500);

export async function serve(prepare, ask) {
  for await (const line of createInterface({ input: process.stdin })) {
    const question = JSON.parse(line);
    let answer;
    let ms = 0;
    try {
      const prepared = prepare(question);
      const started = performance.now();
      try {
        answer = await ask(prepared);
      } finally {
        ms = performance.now() - started;
      }
    } catch (error) {
      answer = { answer: "none", why: sentence(error) };
    }
    write(`${JSON.stringify({ id: question.id, ...answer, ms })}\n`);
  }
}

/** The schemas of a question as values. */
export function values({ old, new: next }) {
  return { old: JSON.parse(old), new: JSON.parse(next) };
}
