/** Times in words: absolute in UTC and in the reader's zone, and relative to now. */

const UTC = new Intl.DateTimeFormat("en-GB", {
  timeZone: "UTC",
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});
const LOCAL = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
});
const DAY = new Intl.DateTimeFormat("en-GB", {
  timeZone: "UTC",
  day: "numeric",
  month: "short",
  year: "numeric",
});
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400_000],
  ["month", 30 * 86_400_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

export function relative(ms: number, now: number): string {
  const away = ms - now;
  for (const [unit, size] of STEPS) {
    if (Math.abs(away) >= size) return RELATIVE.format(Math.trunc(away / size), unit);
  }
  return away >= 0 ? "in less than a minute" : "just now";
}

export const iso = (ms: number): string => new Date(ms).toISOString();
export const utc = (ms: number): string => `${UTC.format(ms)} UTC`;
export const day = (ms: number): string => DAY.format(ms);

/** The reader's own clock, or nothing where it shows UTC anyway. */
export function local(ms: number): string | undefined {
  return new Date(ms).getTimezoneOffset() === 0 ? undefined : LOCAL.format(ms);
}

/** `sha256:1f2e3d4c5b6a…` as `1f2e3d4c5b6a`. */
export function short(digest: string): string {
  return digest.replace(/^sha256:/, "").slice(0, 12);
}

const UNITS: [string, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

/** A length of time, exactly: `7 days`, `1 day 12 hours`. */
export function span(ms: number): string {
  if (ms === 0) return "none";
  const parts: string[] = [];
  let rest = ms;
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? "" : "s"}`);
    rest -= count * size;
  }
  if (rest > 0) parts.push(`${rest} ms`);
  return parts.join(" ");
}
