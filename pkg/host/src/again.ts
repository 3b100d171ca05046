/** Work that another host on the same store may have been faster with. */
import { setTimeout as sleep } from "node:timers/promises";
import { isConflict } from "./handle.js";
import { StoreError } from "./store/store.js";

/** Times that a command is decided while other hosts are first, and how many of them without the log's lock. */
export const ATTEMPTS = 8;
const OPTIMISTIC_ATTEMPTS = 4;

/**
 * Tries again while other hosts are first, a little later each time; after some tries under the log's lock, where nobody
 * can be first.
 */
export async function again<T>(work: (locked: boolean) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt > OPTIMISTIC_ATTEMPTS);
    } catch (error) {
      if (!isConflict(error)) throw error;
      if (attempt === ATTEMPTS) {
        throw new StoreError(
          "store_busy",
          `Other hosts kept the log busy for ${ATTEMPTS} tries; nothing was stored.`,
          { cause: error },
        );
      }
      await sleep(Math.random() * Math.min(10 * 2 ** attempt, 500));
    }
  }
}
