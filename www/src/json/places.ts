/** Which value a line of a document is about, for documents that {@link write} has laid out. */
import { join } from "./pointer.js";
import { parse, type Node } from "./spans.js";

/** JSON Pointers by line, the first line at 0; the outermost value that begins there. Lines that only close have none. */
export function placesByLine(text: string): (string | undefined)[] {
  const parsed = parse(text);
  if (!parsed.ok) return [];
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  const places = new Array<string | undefined>(starts.length).fill(undefined);
  // Values are visited in the order in which they begin: the line only ever moves on.
  let line = 0;
  const visit = (node: Node, pointer: string): void => {
    while ((starts[line + 1] ?? Infinity) <= node.start) line += 1;
    places[line] ??= pointer;
    if (node.kind === "object")
      for (const member of node.members) visit(member.value, pointer + join(member.key));
    if (node.kind === "array") node.items.forEach((item, at) => visit(item, pointer + join(at)));
  };
  visit(parsed.root, "");
  return places;
}
