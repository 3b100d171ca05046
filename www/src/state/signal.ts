import type { ReactiveController, ReactiveControllerHost } from "lit";

/** A value that elements watch. */
export class Signal<T> {
  #watchers = new Set<(value: T) => void>();
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const watcher of [...this.#watchers]) watcher(value);
  }

  watch(watcher: (value: T) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

/** Renders the host element again when the signal changes. */
export class Watch<T> implements ReactiveController {
  #stop: (() => void) | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly signal: Signal<T>,
  ) {
    host.addController(this);
  }

  get value(): T {
    return this.signal.value;
  }

  hostConnected(): void {
    this.#stop = this.signal.watch(() => this.host.requestUpdate());
  }

  hostDisconnected(): void {
    this.#stop?.();
  }
}
