/** Which value a line of a document is about, for documents that {@link write} has laid out. */
import { join } from "./pointer.js";
import { parse, type Node } from "./spans.js";

/** JSON Pointers by line, the first line at 0; the outermost value that begins there. Lines that only close have none. */
export function placesByLine(text: string): (string | undefined)[] {
  const parsed = parse(text);
  if (!parsed.ok) return [];
  const lineAt: number[] = [];
  let line = 0;
  for (let at = 0; at < text.length; at += 1) {
    lineAt.push(line);
    if (text[at] === "\n") line += 1;
  }
  const places = new Array<string | undefined>(line + 1).fill(undefined);
  const visit = (node: Node, pointer: string): void => {
    places[lineAt[node.start] ?? 0] ??= pointer;
    if (node.kind === "object")
      for (const member of node.members) visit(member.value, pointer + join(member.key));
    if (node.kind === "array") node.items.forEach((item, at) => visit(item, pointer + join(at)));
  };
  visit(parsed.root, "");
  return places;
}
