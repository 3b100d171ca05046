/** Measuring two ways of doing the same thing in one process, in turns, so that both meet the same machine. */

/** The middle one. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

const ROUNDS = 9;
const ROUND_MS = 120;

/** Microseconds a call, for each of the named functions: the median of rounds that take turns. */
export function compare(functions) {
  const names = Object.keys(functions);
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  const calls = Object.fromEntries(names.map((name) => [name, callsPerRound(functions[name])]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) {
      globalThis.gc?.();
      const work = functions[name];
      const started = performance.now();
      for (let call = 0; call < calls[name]; call++) work();
      samples[name].push(((performance.now() - started) * 1_000) / calls[name]);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(samples[name])]));
}

/** Also warms up. */
function callsPerRound(work) {
  let calls = 0;
  const until = performance.now() + ROUND_MS;
  while (performance.now() < until) {
    work();
    calls += 1;
  }
  return Math.max(1, calls);
}

export function microseconds(value) {
  return value < 100
    ? `${value.toFixed(1)} µs`
    : value < 10_000
      ? `${value.toFixed(0)} µs`
      : `${(value / 1_000).toFixed(1)} ms`;
}

/** A heading and aligned rows. */
export function table(title, head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  console.log(`\n${title}`);
  for (const row of all) {
    console.log(
      "  " +
        row
          .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
          .join("  "),
    );
  }
}
