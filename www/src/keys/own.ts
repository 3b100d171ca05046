import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Senate } from "../api/client.js";
import { hostSigns } from "./sign.js";
import { keptChanged, keptKeys, type KeptKey } from "./store.js";

/** Who signs for a member, as far as this browser knows. */
export type KeyState =
  /** The host does: development mode. */
  | "host"
  /** This browser, with the key that the senate knows. */
  | "here"
  /** This browser has a key, and the senate knows another. */
  | "other"
  /** This browser has none. */
  | "none";

/** The keys of one member that this browser keeps; renders the host element again when they change. */
export class OwnKeys implements ReactiveController {
  keys: KeptKey[] = [];
  /** False until the browser has answered. */
  known = false;
  #asked = "";
  #stop: (() => void) | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly whose: () => { instance: string; member: string },
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.#stop = keptChanged.watch(() => void this.#read());
  }

  hostDisconnected(): void {
    this.#stop?.();
  }

  hostUpdate(): void {
    const { instance, member } = this.whose();
    const asked = `${instance}\n${member}`;
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.keys = [];
    this.known = false;
    void this.#read();
  }

  async #read(): Promise<void> {
    const asked = this.#asked;
    const { instance, member } = this.whose();
    if (instance === "" || member === "") return;
    // Storage may be forbidden: then there are no keys here.
    const keys = await keptKeys(instance, member).catch(() => []);
    if (asked !== this.#asked) return;
    this.keys = keys;
    this.known = true;
    this.host.requestUpdate();
  }

  /** Nothing while it is not known. */
  state(senate: Senate): KeyState | undefined {
    const { member } = this.whose();
    if (hostSigns(senate, member)) return "host";
    if (!this.known) return undefined;
    if (this.keys.length === 0) return "none";
    const current = senate.members.find((each) => each.id === member)?.key;
    return this.keys.some((key) => key.public_key === current) ? "here" : "other";
  }
}
