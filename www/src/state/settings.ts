/** What this browser remembers for its reader: whom they act as, whether the page follows along, light or dark. */
import { Signal } from "./signal.js";

function remembered<T extends string>(key: string, otherwise: T, allowed?: readonly T[]): Signal<T> {
  const read = (): T => {
    try {
      const held = localStorage.getItem(key);
      if (held !== null && (!allowed || allowed.includes(held as T))) return held as T;
    } catch {
      // Storage may be forbidden; the page then forgets on reload.
    }
    return otherwise;
  };
  const signal = new Signal<T>(read());
  signal.watch((value) => {
    try {
      localStorage.setItem(key, value);
    } catch {
      // As above.
    }
  });
  // Another tab of the same page changed it.
  window.addEventListener("storage", (event) => {
    if (event.key === key) signal.set(read());
  });
  return signal;
}

/** The member's id, or "" for a reader who only looks. */
export const actor = remembered<string>("senate:actor", "");

export type Following = "live" | "paused";
export const following = remembered<Following>("senate:following", "live", ["live", "paused"]);

export type Theme = "system" | "light" | "dark";
export const theme = remembered<Theme>("senate:theme", "system", ["system", "light", "dark"]);
