/** JSON Pointers (RFC 6901) as the page needs them: split, join, and say them in words. */

export function segments(pointer: string): string[] {
  if (pointer === "") return [];
  return pointer
    .slice(1)
    .split("/")
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function join(...parts: (string | number)[]): string {
  return parts.map((part) => "/" + String(part).replaceAll("~", "~0").replaceAll("/", "~1")).join("");
}

/** True when `pointer` is `place` or lies below it. */
export function isWithin(pointer: string, place: string): boolean {
  return pointer === place || pointer.startsWith(place + "/");
}

/** The pointer of the value that holds this one; the document holds itself. */
export function parent(pointer: string): string {
  const cut = pointer.lastIndexOf("/");
  return cut <= 0 ? "" : pointer.slice(0, cut);
}
