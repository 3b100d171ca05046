/** A line difference of two texts, for people: Myers' greedy algorithm with a bound on the work. */

export type Line = { kind: "same" | "added" | "removed"; text: string; old?: number; new?: number };
export type Hunk = { kind: "lines"; lines: Line[] } | { kind: "skipped"; lines: Line[] };

/** Past this many edits the rest is shown as replaced: still true, no longer minimal. */
const MOST_EDITS = 1500;

export function compare(before: string, after: string): Line[] {
  const old = before === "" ? [] : before.split("\n");
  const now = after === "" ? [] : after.split("\n");
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < now.length - head &&
    old[old.length - 1 - tail] === now[now.length - 1 - tail]
  )
    tail += 1;

  const lines: Line[] = [];
  for (let at = 0; at < head; at += 1) lines.push({ kind: "same", text: old[at] ?? "" });
  lines.push(...middle(old.slice(head, old.length - tail), now.slice(head, now.length - tail)));
  for (let at = old.length - tail; at < old.length; at += 1)
    lines.push({ kind: "same", text: old[at] ?? "" });

  let oldLine = 0;
  let newLine = 0;
  for (const line of lines) {
    if (line.kind !== "added") line.old = oldLine += 1;
    if (line.kind !== "removed") line.new = newLine += 1;
  }
  return lines;
}

function middle(old: string[], now: string[]): Line[] {
  const removed = (text: string): Line => ({ kind: "removed", text });
  const added = (text: string): Line => ({ kind: "added", text });
  if (old.length === 0) return now.map(added);
  if (now.length === 0) return old.map(removed);

  // Furthest reach on each diagonal, one snapshot for each number of edits, walked back from the end.
  const most = Math.min(old.length + now.length, MOST_EDITS);
  const zero = most + 1;
  const reach = new Int32Array(2 * zero + 1).fill(-1);
  reach[zero + 1] = 0;
  const trace: Int32Array[] = [];
  for (let edits = 0; edits <= most; edits += 1) {
    trace.push(reach.slice(zero - edits - 1, zero + edits + 2));
    for (let k = -edits; k <= edits; k += 2) {
      const left = reach[zero + k - 1] ?? -1;
      const right = reach[zero + k + 1] ?? -1;
      const down = k === -edits || (k !== edits && left < right);
      let x = down ? right : left + 1;
      while (x < old.length && x - k < now.length && old[x] === now[x - k]) x += 1;
      reach[zero + k] = x;
      if (x >= old.length && x - k >= now.length) return walkBack(old, now, trace);
    }
  }
  return [...old.map(removed), ...now.map(added)];
}

function walkBack(old: string[], now: string[], trace: Int32Array[]): Line[] {
  const lines: Line[] = [];
  let x = old.length;
  let y = now.length;
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const at = (k: number) => trace[edits]?.[k + edits + 1] ?? -1;
    const k = x - y;
    const down = k === -edits || (k !== edits && at(k - 1) < at(k + 1));
    const beforeX = edits === 0 ? 0 : at(down ? k + 1 : k - 1);
    const beforeY = edits === 0 ? 0 : beforeX - (down ? k + 1 : k - 1);
    while (x > beforeX && y > beforeY) {
      x -= 1;
      y -= 1;
      lines.push({ kind: "same", text: old[x] ?? "" });
    }
    if (edits === 0) break;
    if (down) lines.push({ kind: "added", text: now[(y -= 1)] ?? "" });
    else lines.push({ kind: "removed", text: old[(x -= 1)] ?? "" });
  }
  return lines.reverse();
}

/** Keeps `context` lines around every change and folds the rest. */
export function hunks(lines: Line[], context = 3): Hunk[] {
  const keep = new Array<boolean>(lines.length).fill(false);
  lines.forEach((line, at) => {
    if (line.kind === "same") return;
    for (let near = at - context; near <= at + context; near += 1) {
      if (near >= 0 && near < lines.length) keep[near] = true;
    }
  });
  const result: Hunk[] = [];
  lines.forEach((line, at) => {
    const kind = keep[at] ? "lines" : "skipped";
    const last = result.at(-1);
    if (last?.kind === kind) last.lines.push(line);
    else result.push({ kind, lines: [line] });
  });
  // Folding one or two lines hides more than it saves.
  const merged: Hunk[] = [];
  for (const hunk of result) {
    const open: Hunk =
      hunk.kind === "skipped" && hunk.lines.length <= 2 ? { kind: "lines", lines: hunk.lines } : hunk;
    const last = merged.at(-1);
    if (last?.kind === "lines" && open.kind === "lines") last.lines.push(...open.lines);
    else merged.push({ kind: open.kind, lines: [...open.lines] });
  }
  return merged;
}
