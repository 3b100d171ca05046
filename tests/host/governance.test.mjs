// The senate changes itself: policy, members, scope; what is in scope, appeals, judges, precedents.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DevelopmentKeys, newKey, openStore } from "schema-senate-host";
import { addField, handClock, linesOf, NOTE, startHost, storeKinds } from "./stage.mjs";

const PROPOSAL = "/api/senate/schema-proposal";
const DAY = 86_400_000;
const RATIONALE =
  "The team decides such changes within a day, so nobody needs a week to say what they think of one.";

/** Opens a vote in development mode and votes yes until it is decided. */
async function carry(senate, id, by = "ana") {
  const subject = await senate.opened(id, by);
  let last;
  for (const voter of ["ana", "ben", "cho", "dee"]) {
    last = await senate.vote(id, voter, "yes", subject);
    assert.equal(last.status, 200, last.text);
    if (last.body.status !== "voting") break;
  }
  return last.body;
}

for (const { kind, skip, open, close } of storeKinds()) {
  describe(`proposals about the senate on ${kind}`, { skip }, () => {
    let senate;
    before(async () => {
      senate = await startHost(await open());
      await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
    });
    after(async () => {
      await senate.close();
      await close();
    });

    const change = (policy, by = "ana") =>
      senate.send(PROPOSAL, {
        proposer_id: by,
        proposal_type: "policy_change",
        title: "Vote faster",
        metadata: { policy, rationale: RATIONALE },
      });
    const rowOf = async (id) => (await senate.store.tables()).proposals.find((row) => row.proposal_id === id);

    let first;

    test("a policy change is proposed, voted on and in force, without a migration", async () => {
      const created = await change({ voting_ms: 2 * DAY });
      first = created.id;
      assert.deepEqual(
        [created.target, created.track, created.status],
        ["senate/policy", "policy", "review"],
      );
      assert.ok(!("artifact_type" in created) && !("verdict" in created));
      assert.ok(created.rule.words.length > 0);
      assert.equal((await carry(senate, first)).status, "active");
      const policy = await senate.read("/api/senate/policy");
      assert.deepEqual([policy.version, policy.policy.voting_ms], [2, 2 * DAY]);
      assert.equal(policy.history.at(-1).proposal_id, first);
      assert.equal((await senate.read("/api/senate")).policy.voting_ms, 2 * DAY);
      const row = await rowOf(first);
      assert.deepEqual(
        [
          row.target,
          row.artifact_type,
          row.change_type,
          row.verdict,
          row.backward_compatible,
          row.next_version,
        ],
        ["senate/policy", null, null, null, null, null],
      );
      assert.deepEqual([row.proposal_type, row.status, row.votes_approve], ["policy_change", "active", 3]);
    });

    test("the next one takes its place, in the views and in the tables", async () => {
      const { id } = await change({ voting_ms: 3 * DAY }, "ben");
      assert.equal((await carry(senate, id, "ben")).status, "active");
      const view = await senate.read(`${PROPOSAL}/${first}`);
      assert.deepEqual([view.status, view.superseded_by], ["superseded", id]);
      assert.equal((await rowOf(first)).status, "superseded");
      assert.equal((await rowOf(id)).status, "active");
    });

    test("and so with the versions of a type", async () => {
      const ids = [];
      for (const name of ["a", "b", "c"]) {
        const { id } = await senate.send(PROPOSAL, {
          proposer_id: "cho",
          ...addField({ name, schema: { type: "string" } }, { title: `Add ${name}` }),
        });
        assert.equal((await carry(senate, id, "cho")).status, "active");
        ids.push(id);
      }
      const statuses = await Promise.all(ids.map(async (id) => (await rowOf(id)).status));
      assert.deepEqual(statuses, ["superseded", "superseded", "active"]);
    });

    test("lists tell them apart", async () => {
      const { proposals } = await senate.read("/api/senate/schema-proposals?target=senate/policy");
      assert.equal(proposals.length, 2);
      assert.ok(proposals.every((one) => one.proposal_type === "policy_change"));
      const { proposals: schemas } = await senate.read("/api/senate/schema-proposals?artifact_type=note");
      assert.equal(schemas.length, 3);
    });

    test("a policy that is easier than it may be is refused, with the place", async () => {
      for (const policy of [
        { tracks: { additive: { num: 1, den: 2 } } },
        { tracks: { breaking: { num: 51, den: 100 } } },
        { colour: "red" },
        { voting_ms: "long" },
      ]) {
        const answer = await senate.post(PROPOSAL, {
          proposer_id: "dee",
          proposal_type: "policy_change",
          metadata: { policy, rationale: RATIONALE },
        });
        assert.equal(answer.status, 422, JSON.stringify(policy));
        assert.match(answer.body.problems[0].pointer, /^\/metadata\/policy/, answer.text);
      }
    });

    test("a proposal about the senate has no stored artifacts to judge", async () => {
      const answer = await senate.get(`${PROPOSAL}/${first}/stored-verdict`);
      assert.equal(answer.status, 422);
      assert.equal(answer.body.code, "no_schema_change");
    });

    test("nothing went wrong that the host did not tell", () => {
      assert.deepEqual(
        senate.logger.lines.filter((line) => line.startsWith("error")),
        [],
      );
    });
  });
}

describe("cooling", () => {
  test("a change waits for its cooling time, and the first who looks afterwards sets it off", async () => {
    const clock = handClock();
    const senate = await startHost("memory:", { now: clock.now, policy: { cooling_ms: DAY } });
    try {
      await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
      await senate.send("/api/artifacts", { id: "n1", artifact_type: "note", metadata: { text: "t" } });
      const { id } = await senate.send(PROPOSAL, {
        proposer_id: "ana",
        ...addField({ name: "a", schema: { type: "string" } }),
      });
      const carried = await carry(senate, id);
      assert.equal(carried.status, "cooling");
      assert.equal(carried.effective_ms, clock.ms + DAY);
      clock.forward(DAY - 1);
      assert.equal((await senate.read(`${PROPOSAL}/${id}`)).status, "cooling");
      assert.equal((await senate.read("/api/schemas/note")).current.version, 1);
      clock.forward(1);
      for (let tries = 0; ; tries += 1) {
        const { status } = await senate.read(`${PROPOSAL}/${id}`);
        if (status === "active") break;
        assert.match(status, /^(?:approved|migrating)$/);
        assert.ok(tries < 500, "nobody began");
        await sleep(5);
      }
      assert.equal((await senate.read("/api/artifacts/n1")).schema_version, 2);
    } finally {
      await senate.close();
    }
  });
});

const SCOPE = {
  in: ["Changes that help readers of notes."],
  out: ["Advertising."],
  keywords_in: ["reader"],
  keywords_out: ["advertising"],
  judges: ["dee"],
};

/** A draft whose words are in scope, out of it, both, or neither. */
function draftAbout(words, name = "a") {
  return addField(
    { name, schema: { type: "string" } },
    {
      title: `A field about ${words}`,
      rationale: `It is asked for again and again because of ${words}, in every single meeting of the team.`,
      use_cases: [{ who: "ana", need: `list what is marked for ${words}` }],
    },
  );
}

describe("scope", () => {
  let senate;
  before(async () => {
    senate = await startHost("memory:", { scope: SCOPE, policy: { live_per_proposer: 10 } });
    await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
  });
  after(() => senate.close());
  const propose = (draft, proposer_id = "ana") => senate.send(PROPOSAL, { proposer_id, ...draft });
  const log = async () => linesOf((await senate.get("/api/senate/events")).text);

  test("is said of a draft, and nothing is written", async () => {
    const before = [await log(), (await senate.get("/api/senate/checkpoint")).text];
    const verdictOf = async (words) => senate.send(`${PROPOSAL}/scope-evaluate`, draftAbout(words));
    const inside = await verdictOf("one reader");
    assert.equal(inside.verdict, "in_scope");
    assert.ok(inside.matches.every(({ list, pointer }) => list === "in" && pointer.startsWith("/")));
    assert.equal((await verdictOf("advertising")).verdict, "out_of_scope");
    assert.equal((await verdictOf("weather")).verdict, "unclear");
    assert.equal((await verdictOf("advertising to a reader")).verdict, "unclear");
    await senate.send(`${PROPOSAL}/precedents`, draftAbout("weather"));
    assert.deepEqual([await log(), (await senate.get("/api/senate/checkpoint")).text], before);
    assert.equal((await senate.post(`${PROPOSAL}/scope-evaluate`, "[]")).status, 422);
  });

  test("out of scope is rejected before anybody votes; one appeal may bring it back", async () => {
    const { id, status, scope_verdict } = await propose(draftAbout("advertising"));
    assert.deepEqual([status, scope_verdict], ["rejected", "out_of_scope"]);
    const other = await senate.post(`${PROPOSAL}/${id}/appeal`, {
      by: "ben",
      justification: "It is for a reader.",
    });
    assert.equal(other.status, 403);
    const appealed = await senate.send(`${PROPOSAL}/${id}/appeal`, {
      by: "ana",
      justification: "It lets every reader leave the advertising out.",
    });
    assert.deepEqual([appealed.status, appealed.scope_verdict], ["review", "unclear"]);
    const twice = await senate.post(`${PROPOSAL}/${id}/appeal`, { by: "ana", justification: "Once more." });
    assert.equal(twice.status, 409);
    const stranger = await senate.post(`${PROPOSAL}/${id}/scope-verdict`, {
      by: "cho",
      verdict: "in_scope",
      reasoning: "It is.",
    });
    assert.equal(stranger.status, 403);
    assert.equal(stranger.body.code, "not_a_judge");
    const judged = await senate.send(`${PROPOSAL}/${id}/scope-verdict`, {
      by: "dee",
      verdict: "in_scope",
      reasoning: "It helps readers.",
    });
    assert.deepEqual([judged.status, judged.scope_verdict], ["review", "in_scope"]);
    assert.equal(judged.scope.at(-1).judge, "dee");
  });

  test("what was turned down is shown beside what is like it, with the reasons", async () => {
    const { id } = await propose(draftAbout("advertising in winter", "winter"), "ben");
    const found = await senate.send(`${PROPOSAL}/precedents`, draftAbout("a winter reader", "winter"));
    const [precedent] = found.precedents.filter((one) => one.proposal_id === id);
    assert.ok(precedent, JSON.stringify(found));
    assert.equal(precedent.status, "rejected");
    assert.match(precedent.decision_reason, /out of scope/i);
  });

  test("who meant the same before has to say what changed", async () => {
    const again = draftAbout("a reader in winter", "winter");
    const bare = await senate.post(PROPOSAL, { proposer_id: "cho", ...again });
    assert.equal(bare.status, 422, bare.text);
    assert.equal(bare.body.code, "resubmission_unexplained");
    const { proposals } = await senate.read("/api/senate/schema-proposals?proposer_id=ben&status=rejected");
    const explained = await senate.send(PROPOSAL, {
      proposer_id: "cho",
      ...again,
      addresses: [
        { proposal_id: proposals[0].id, what_changed: "It is for readers now, and not for advertising." },
      ],
    });
    assert.equal(explained.status, "review");
  });

  test("the debate: anchors quote their line, concerns hold the vote, a recused member is not of the electorate", async () => {
    const { id } = await propose(draftAbout("a reader", "debated"), "ben");
    const at = `${PROPOSAL}/${id}`;
    const commented = await senate.send(`${at}/comment`, {
      by: "cho",
      text: "Why a text?",
      anchor: { pointer: "/properties/debated/type" },
    });
    const [thread] = commented.threads;
    assert.match(thread.quote, /string/);
    const replied = await senate.send(`${at}/comment`, { by: "ben", text: "For now.", reply_to: thread.id });
    assert.equal(replied.threads[0].replies.length, 1);
    const nowhere = await senate.post(`${at}/comment`, {
      by: "cho",
      text: "?",
      anchor: { pointer: "/properties/zz" },
    });
    assert.equal(nowhere.status, 422);
    const raised = await senate.send(`${at}/concern`, {
      by: "cho",
      name: "no list",
      text: "It should be a list.",
    });
    const [concern] = raised.concerns;
    assert.equal(concern.state, "open");
    const same = await senate.post(`${at}/concern`, {
      by: "dee",
      name: "no list",
      text: "It should be a list.",
    });
    assert.equal(same.status, 409);
    const notHers = await senate.post(`${at}/concern/${concern.id}/resolve`, { by: "dee", text: "Fine." });
    assert.equal(notHers.status, 403);
    assert.equal((await senate.post(`${at}/concern/c0/resolve`, { by: "dee", text: "Fine." })).status, 404);
    await senate.send(`${at}/recuse`, { by: "dee", reason: "I wrote the reader." });
    const subject = await senate.opened(id, "ben");
    const { vote } = await senate.read(at);
    assert.deepEqual(vote.electorate.map((member) => member.id).sort(), ["ana", "ben", "cho"]);
    for (const voter of ["ana", "ben", "cho"]) await senate.vote(id, voter, "yes", subject);
    assert.equal((await senate.read(at)).status, "voting", "the concern is open");
    const tooLate = await senate.post(`${at}/recuse`, { by: "ana", reason: "Me too." });
    assert.equal(tooLate.status, 409);
    await senate.send(`${at}/concern/${concern.id}/override`, {
      by: "ana",
      reason: "A list can come later.",
    });
    const overridden = await senate.send(`${at}/concern/${concern.id}/override`, {
      by: "ben",
      reason: "A list can come later.",
    });
    assert.equal(overridden.concerns[0].state, "overridden");
    assert.equal((await senate.read(at)).status, "active");
  });

  test("a revision puts another text in place, by the proposer, before the vote", async () => {
    const { id } = await propose(draftAbout("a reader", "revised"), "cho");
    const { metadata } = draftAbout("a reader of lists", "revised_twice");
    const other = await senate.post(`${PROPOSAL}/${id}/revise`, { by: "ben", metadata });
    assert.equal(other.status, 403);
    const revised = await senate.send(`${PROPOSAL}/${id}/revise`, { by: "cho", title: "Better", metadata });
    assert.deepEqual([revised.revision, revised.title], [2, "Better"]);
    assert.ok("revised_twice" in revised.next.schema.properties);
  });
});

describe("a judge of scope", () => {
  const key = newKey();
  /** A senate whose judge is a program; `judge` answers. */
  async function withJudge(judge, options = {}) {
    const store = options.store ?? (await openStore("memory:"));
    const senate = await startHost(store, {
      scope: SCOPE,
      members: [{ id: "ana" }, { id: "ben" }, { id: "cho" }, { id: "dee", key: key.publicKey }],
      policy: { live_per_proposer: 10 },
      judge: { member_id: "dee", judge, sign: (bytes) => key.sign(bytes) },
      ...options,
    });
    if (options.found !== false)
      await senate.send("/api/schemas/note", { versions: [{ schema: NOTE }], by: "ana" });
    return senate;
  }
  const until = async (senate, id, isDone) => {
    for (let tries = 0; tries < 400; tries += 1) {
      const view = await senate.read(`${PROPOSAL}/${id}`);
      if (isDone(view)) return view;
      await sleep(5);
    }
    assert.fail(`it did not happen: ${JSON.stringify(await senate.read(`${PROPOSAL}/${id}`)).slice(0, 800)}`);
  };

  test("is asked where the words do not decide, and what it says is its own signed act", async () => {
    const asked = [];
    const senate = await withJudge(async (draft, evaluation, signal) => {
      asked.push([draft.title, evaluation.verdict, signal.aborted]);
      return draft.title.includes("weather")
        ? { verdict: "out_of_scope", reasoning: "Weather is for others." }
        : { verdict: "in_scope", reasoning: "It helps readers." };
    });
    try {
      const propose = async (words, name) =>
        (await senate.send(PROPOSAL, { proposer_id: "ana", ...draftAbout(words, name) })).id;
      const clear = await propose("a reader", "clear");
      const inside = await propose("summer", "inside");
      const outside = await propose("weather", "outside");
      const judged = await until(senate, inside, (view) => view.scope_verdict !== "unclear");
      assert.deepEqual([judged.scope_verdict, judged.status], ["in_scope", "review"]);
      assert.deepEqual(
        [judged.scope.at(-1).judge, judged.scope.at(-1).reasoning],
        ["dee", "It helps readers."],
      );
      const rejected = await until(senate, outside, (view) => view.status === "rejected");
      assert.match(rejected.decision_reason, /Weather is for others/);
      assert.equal((await senate.read(`${PROPOSAL}/${clear}`)).scope_verdict, "in_scope");
      assert.deepEqual(asked.sort(), [
        ["A field about summer", "unclear", false],
        ["A field about weather", "unclear", false],
      ]);
      const { act } = linesOf((await senate.get("/api/senate/events")).text).find(
        (event) => event.event === "scope_judged",
      );
      assert.equal(act.key, key.keyId);
    } finally {
      await senate.close();
    }
  });

  const troubles = {
    "that throws": () => {
      throw new Error("no model here");
    },
    "that answers something else": async () => ({ verdict: "perhaps" }),
    "that does not answer in time": () => new Promise(() => undefined),
  };
  for (const [what, judge] of Object.entries(troubles)) {
    test(`${what} blocks nothing, and the host's log says so`, async () => {
      const senate = await withJudge(judge, { judgeTimeoutMs: 30 });
      try {
        const { id } = await senate.send(PROPOSAL, { proposer_id: "ana", ...draftAbout("summer") });
        for (
          let tries = 0;
          !senate.logger.lines.some((line) => line.includes("was not judged"));
          tries += 1
        ) {
          assert.ok(tries < 400, "the log says nothing");
          await sleep(5);
        }
        assert.equal((await carry(senate, id)).status, "active");
        assert.deepEqual(
          senate.logger.lines.filter((line) => line.startsWith("error")),
          [],
        );
      } finally {
        await senate.close();
      }
    });
  }

  test("whose key is not the member's is refused as anybody would be, and told", async () => {
    const senate = await withJudge(async () => ({ verdict: "in_scope", reasoning: "It helps readers." }), {
      members: [{ id: "ana" }, { id: "ben" }, { id: "cho" }, { id: "dee", key: newKey().publicKey }],
    });
    try {
      const { id } = await senate.send(PROPOSAL, { proposer_id: "ana", ...draftAbout("summer") });
      for (let tries = 0; !senate.logger.lines.some((line) => line.includes("was not judged")); tries += 1) {
        assert.ok(tries < 400, "the log says nothing");
        await sleep(5);
      }
      assert.equal((await senate.read(`${PROPOSAL}/${id}`)).scope_verdict, "unclear");
    } finally {
      await senate.close();
    }
  });

  test("that was interrupted is asked again at the next start; a stop does not wait for it", async () => {
    const store = await openStore("memory:");
    const kept = new Proxy(store, {
      get: (target, name) => {
        if (name === "close") return async () => undefined;
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const development = DevelopmentKeys.inMemory();
    let aborted = false;
    const first = await withJudge(
      (_, __, signal) => {
        signal.addEventListener("abort", () => (aborted = true));
        return new Promise(() => undefined);
      },
      { store: kept, development },
    );
    const { id } = await first.send(PROPOSAL, { proposer_id: "ana", ...draftAbout("summer") });
    const started = performance.now();
    await first.close();
    assert.ok(performance.now() - started < 5_000 && aborted);
    const second = await withJudge(async () => ({ verdict: "in_scope", reasoning: "It helps readers." }), {
      store: kept,
      development,
      found: false,
    });
    await until(second, id, (view) => view.scope_verdict === "in_scope");
    await second.close();
  });
});
