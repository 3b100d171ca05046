/** One line on a terminal that says how far something is; nothing where nobody looks. */
import { setImmediate } from "node:timers/promises";
import type { Terminal } from "./terminal.js";

/** Milliseconds between two lines: fast enough to see, slow enough to cost nothing. */
const interval = 100;

export class Progress {
  readonly #stream: Terminal["stderr"] & { isTTY?: boolean };
  #last = 0;
  #shown = false;

  constructor(terminal: Terminal) {
    this.#stream = terminal.stderr;
  }

  /** What is short is done before anybody could read how far it is. */
  show(words: () => string): void {
    if (this.#stream.isTTY !== true) return;
    const now = performance.now();
    if (now - this.#last < interval) return;
    this.#last = now;
    this.#line(words());
  }

  /** Says what is going on while one long call keeps the process. */
  async during<T>(words: string, work: () => T): Promise<T> {
    if (this.#stream.isTTY === true) {
      this.#line(words);
      await setImmediate();
    }
    return work();
  }

  clear(): void {
    if (this.#shown) this.#stream.write("\r\u001b[K");
    this.#shown = false;
  }

  #line(words: string): void {
    this.#stream.write(`\r\u001b[K${words}…`);
    this.#shown = true;
  }
}
