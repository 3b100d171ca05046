/** Work done one piece at a time, in the order it was asked for. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when everything asked for before has ended, well or badly. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** When everything asked for until now has ended. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
