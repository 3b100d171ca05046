/**
 * The tally of the module against an oracle in another language: whole numbers of any size, and nothing clever. Every small
 * world, and counts and fractions up to 2^53 - 1, where a double would be wrong.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tally } from "schema-senate";

const sum = (list, part) => list.reduce((all, item) => all + part(item), 0n);
const least = (a, b) => (a < b ? a : b);

/** Two thirds of the members, inclusive; every member; silence is never yes; below the minimum electorate nothing. */
function approved(policy, principals) {
  const members = sum(principals, (p) => p.members);
  const yes = sum(principals, (p) => p.yes);
  const spoken = sum(principals, (p) => p.yes + p.no + p.abstain);
  if (members === 0n || members < policy.min_electorate) return false;
  if (principals.filter((p) => p.yes > 0n).length < policy.min_principals) return false;
  const holds = (yes, members, cast) => {
    const { unanimous, num, den, strict, base } = policy.requirement;
    if (unanimous) return yes === members;
    const of = base === "cast" ? cast : members;
    return strict ? den * yes > num * of : den * yes >= num * of;
  };
  const cast = spoken < policy.min_electorate ? policy.min_electorate : spoken;
  if (!holds(yes, members, cast)) return false;
  const cap = policy.principal_cap;
  if (cap === null) return true;
  const capped = sum(principals, (p) => least(p.members, cap));
  return holds(
    sum(principals, (p) => least(p.yes, cap)),
    capped,
    capped,
  );
}

const silent = (p) => p.members - p.yes - p.no - p.abstain;
const all = (principals, say) => principals.map((p) => ({ ...p, [say]: p[say] + silent(p) }));

function outcome(policy, principals) {
  if (approved(policy, principals)) return "approved";
  return approved(policy, all(principals, "yes")) ? "pending" : "rejected";
}

/** No ballot of a silent member changes it: the best and the worst that they can say make the same of it. */
const decided = (policy, principals) =>
  approved(policy, all(principals, "yes")) === approved(policy, all(principals, "no"));

/** The fewest silent members who approve it by saying yes: all ways are tried. */
function needed(policy, principals) {
  let fewest = null;
  const attempt = (at, more, so) => {
    if (fewest !== null && more >= fewest) return;
    if (at === principals.length) {
      if (approved(policy, so)) fewest = more;
      return;
    }
    const p = principals[at];
    for (let extra = 0n; extra <= silent(p); extra++) {
      attempt(at + 1, more + extra, [...so, { ...p, yes: p.yes + extra }]);
    }
  };
  attempt(0, 0n, []);
  return fewest;
}

/** The policy's document for the track `scope`, whose requirement nothing else bounds. */
function asked(policy, counts) {
  const { requirement, ...rest } = policy;
  const plain = (_, value) => (typeof value === "bigint" ? Number(value) : value);
  return JSON.stringify(
    { policy: { ...rest, tracks: { scope: requirement } }, track: "scope", ...counts },
    plain,
  );
}

function told(policy, counts) {
  const answer = tally(asked(policy, counts));
  assert.equal(answer.ok, true, JSON.stringify(answer));
  return answer.tally;
}

const share = (num, den, strict = false, base = "electorate") => ({ num, den, strict, base });
const policyOf = (requirement, more = {}) => ({
  requirement,
  min_electorate: 3n,
  min_principals: 1n,
  principal_cap: null,
  ballot_mode: "final",
  ...more,
});

function divisions(members, largest = members) {
  if (members === 0) return [[]];
  const found = [];
  for (let first = Math.min(members, largest); first >= 1; first--) {
    for (const rest of divisions(members - first, first)) found.push([first, ...rest]);
  }
  return found;
}

function ways(members) {
  const found = [];
  for (let yes = 0n; yes <= members; yes++) {
    for (let no = 0n; no <= members - yes; no++) {
      for (let abstain = 0n; abstain <= members - yes - no; abstain++) {
        found.push({ members, yes, no, abstain });
      }
    }
  }
  return found;
}

function* worlds(division) {
  if (division.length === 0) {
    yield [];
    return;
  }
  const [first, ...rest] = division;
  for (const others of worlds(rest)) {
    for (const way of ways(BigInt(first))) yield [way, ...others];
  }
}

const GRID = [
  policyOf(share(2n, 3n)),
  policyOf({ unanimous: true }),
  policyOf(share(1n, 2n, true, "cast"), { min_principals: 2n }),
  policyOf(share(2n, 3n), { principal_cap: 1n, min_principals: 2n }),
  policyOf(share(3n, 4n, true), { principal_cap: 2n, min_electorate: 1n }),
  policyOf(share(2n, 3n, false, "cast"), { min_electorate: 5n, principal_cap: 2n }),
];

test("every small world is counted as the oracle counts it", () => {
  let cases = 0;
  for (let members = 0; members <= 7; members++) {
    for (const division of divisions(members)) {
      // The larger the world, the fewer rules: the native tests have the whole grid.
      const grid = members < 6 ? GRID : GRID.slice(2, members < 7 ? 4 : 3);
      for (const policy of grid) {
        for (const principals of worlds(division)) {
          const found = told(policy, { principals });
          assert.equal(found.outcome, outcome(policy, principals));
          assert.equal(found.decided, decided(policy, principals));
          if (members < 6) {
            const fewest = needed(policy, principals);
            assert.equal(found.needed, fewest === null ? null : Number(fewest));
          }
          cases += 1;
        }
      }
    }
  }
  console.log(`cases: ${cases}`);
  assert.ok(cases > 50_000);
});

/** The same numbers in every run. */
function generator(seed) {
  let state = BigInt.asUintN(64, seed);
  const next = () => {
    state ^= BigInt.asUintN(64, state << 13n);
    state ^= state >> 7n;
    state ^= BigInt.asUintN(64, state << 17n);
    return state;
  };
  /** From 0 to `most`, of any magnitude. */
  return (most) => (next() >> (next() % 64n)) % (most + 1n);
}

test("counts and fractions up to 2^53 - 1 are counted exactly", () => {
  const MOST = 2n ** 53n - 1n;
  const some = generator(0x5e7a7en);
  let cases = 0;
  let close = 0;
  while (cases < 20_000) {
    const den = 1n + some(MOST - 1n);
    const strict = some(1n) === 1n;
    const num = den / 2n + 1n + some(den);
    if (num > den || (strict && num === den)) continue;
    const base = some(1n) === 1n ? "cast" : "electorate";
    const policy = policyOf(share(num, den, strict, base), { min_electorate: 1n + some(9n) });
    const members = MOST - some(MOST);
    // The yes ballots at the edge, or anywhere.
    const edge = (num * members) / den + some(2n) - 1n;
    const near = some(3n) > 0n && edge >= 0n && edge <= members;
    const yes = near ? edge : some(members);
    const no = some(members - yes);
    const abstain = some(members - yes - no);
    const count = { members, yes, no, abstain };
    // Each member is their own principal.
    const found = told(policy, count);
    assert.equal(found.outcome, outcome(policy, [count]), asked(policy, count));
    const open = members >= policy.min_electorate;
    assert.equal(found.decided, !open || decided(policy, [count]));
    const rest = silent(count);
    const meets = (more) => approved(policy, [{ ...count, yes: yes + more }]);
    let [low, high] = [0n, rest];
    while (low < high) {
      const middle = (low + high) / 2n;
      if (meets(middle)) high = middle;
      else low = middle + 1n;
    }
    assert.equal(found.needed, open && meets(low) ? Number(low) : null);
    close += near ? 1 : 0;
    cases += 1;
  }
  console.log(`cases: ${cases}, ${close} at the edge`);
  assert.ok(close > 5_000);
});
