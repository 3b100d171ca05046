/** Screens by address. The hash holds it, so that a link works wherever the page is served from. */

export type Screen =
  | { screen: "registry" }
  | { screen: "type"; type: string }
  | { screen: "propose"; target: string }
  | { screen: "proposals"; filters: Record<string, string> }
  | { screen: "proposal"; id: string }
  | { screen: "archive"; filters: Record<string, string> }
  | { screen: "revise"; id: string }
  | { screen: "policy" }
  | { screen: "members" }
  | { screen: "verify" }
  | { screen: "nowhere" };

export function screenAt(hash: string): Screen {
  const [path = "", search = ""] = hash.replace(/^#/, "").split("?");
  const parts = path.split("/").filter((part) => part !== "");
  const decoded = parts.map(decode);
  if (decoded.includes(undefined)) return { screen: "nowhere" };
  const [first, second, third, ...rest] = decoded;
  if (rest.length > 0) return { screen: "nowhere" };
  if (third !== undefined) {
    const revising = first === "proposals" && second !== undefined && third === "revise";
    return revising ? { screen: "revise", id: second } : { screen: "nowhere" };
  }
  const filters = Object.fromEntries(new URLSearchParams(search));
  switch (first) {
    case undefined:
      return { screen: "registry" };
    case "types":
      return second === undefined ? { screen: "registry" } : { screen: "type", type: second };
    case "propose":
      return second === undefined ? { screen: "nowhere" } : { screen: "propose", target: second };
    case "proposals":
      return second === undefined ? { screen: "proposals", filters } : { screen: "proposal", id: second };
    case "archive":
      return second === undefined ? { screen: "archive", filters } : { screen: "nowhere" };
    // What the policy was called before.
    case "rules":
    case "policy":
      return second === undefined ? { screen: "policy" } : { screen: "nowhere" };
    case "members":
      return second === undefined ? { screen: "members" } : { screen: "nowhere" };
    case "verify":
      return second === undefined ? { screen: "verify" } : { screen: "nowhere" };
    default:
      return { screen: "nowhere" };
  }
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** The address of a list with its filters. */
export function listAddress(screen: "proposals" | "archive", filters: Record<string, string>): string {
  const search = new URLSearchParams(filters).toString();
  return `#/${screen}${search === "" ? "" : `?${search}`}`;
}
