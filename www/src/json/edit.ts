/** Small edits of a JSON text that leave every other character as it was written. */
import { parent, segments } from "./pointer.js";
import { find, indent, parse, type Node } from "./spans.js";

/** How deep a value at this pointer is indented. */
function margin(pointer: string): string {
  return "  ".repeat(segments(pointer).length);
}

/** Replaces the value at `pointer`, or adds it as the last member of its object. `source` is JSON text. */
export function put(text: string, pointer: string, source: string): string {
  const parsed = parse(text);
  if (!parsed.ok) return text;
  const there = find(parsed.root, pointer);
  const body = indent(source, margin(pointer));
  if (there) return text.slice(0, there.start) + body + text.slice(there.end);

  const holderPointer = parent(pointer);
  const holder = find(parsed.root, holderPointer);
  if (!holder) return put(put(text, holderPointer, "{}"), pointer, source);
  const name = segments(pointer).at(-1) ?? "";
  if (holder.kind === "object")
    return insert(text, holder, margin(pointer), `${JSON.stringify(name)}: ${body}`);
  if (holder.kind === "array") return insert(text, holder, margin(pointer), body);
  return put(put(text, holderPointer, "{}"), pointer, source);
}

function insert(
  text: string,
  holder: Node & { kind: "object" | "array" },
  by: string,
  entry: string,
): string {
  const last = holder.kind === "object" ? holder.members.at(-1)?.value : holder.items.at(-1);
  if (last) return `${text.slice(0, last.end)},\n${by}${entry}${text.slice(last.end)}`;
  return `${text.slice(0, holder.start + 1)}\n${by}${entry}\n${by.slice(2)}${text.slice(holder.end - 1)}`;
}

/** Removes the member or item at `pointer`, and the comma that separated it. */
export function drop(text: string, pointer: string): string {
  const parsed = parse(text);
  if (!parsed.ok) return text;
  const holder = find(parsed.root, parent(pointer));
  const name = segments(pointer).at(-1) ?? "";
  if (holder?.kind !== "object" && holder?.kind !== "array") return text;
  const entries =
    holder.kind === "object"
      ? holder.members.map((member) => ({
          key: member.key,
          start: member.keySpan.start,
          end: member.value.end,
        }))
      : holder.items.map((item, index) => ({ key: String(index), start: item.start, end: item.end }));
  const place = entries.findIndex((entry) => entry.key === name);
  const entry = entries[place];
  if (!entry) return text;
  const before = entries[place - 1];
  const after = entries[place + 1];
  if (before) return text.slice(0, before.end) + text.slice(entry.end);
  if (after) return text.slice(0, entry.start) + text.slice(after.start);
  return text.slice(0, holder.start + 1) + text.slice(holder.end - 1);
}

/** The text of a string member, or "" when it is absent or something else. */
export function stringAt(text: string, pointer: string): string {
  const parsed = parse(text);
  const node = parsed.ok ? find(parsed.root, pointer) : undefined;
  return node?.kind === "string" ? node.value : "";
}
