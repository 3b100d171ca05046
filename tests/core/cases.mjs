/** What the suites of this folder share: documents that are wrong in each way, and the calls that take them. */
import { generateKeyPairSync, sign } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";

const vectors = new URL("../vectors/", import.meta.url);

/** The JSON files of a folder of tests/vectors/, by name. */
export function vectorsOf(folder) {
  return readdirSync(new URL(folder, vectors))
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => ({
      name: file.slice(0, -5),
      ...JSON.parse(readFileSync(new URL(`${folder}/${file}`, vectors), "utf8")),
    }));
}

/** The input of a text vector, as a string where it is one and as bytes where only bytes can say it. */
export function inputOf({ text, repeat, hex }) {
  if (text !== undefined) return text;
  if (repeat !== undefined) return repeat[0].repeat(repeat[1]);
  return new Uint8Array(Buffer.from(hex, "hex"));
}

/** Texts that no function takes, with the code that each answers. */
export const badTexts = [
  ["nothing", "", "json_syntax"],
  ["half a document", '{"a":', "json_syntax"],
  ["a second document", "{} {}", "json_trailing_text"],
  ["a member twice", '{"a":1,"a":2}', "json_duplicate_key"],
  ["a member twice, once escaped", '{"a":1,"\\u0061":2}', "json_duplicate_key"],
  ["a lone surrogate as an escape", '["\\ud800"]', "json_lone_surrogate"],
  ["a lone surrogate in the string itself", '["\ud800"]', "json_lone_surrogate"],
  ["a low one first", '["\udc00\ud800"]', "json_lone_surrogate"],
  ["half a pair before an escaped half", '["\ud83d\\ude00"]', "json_lone_surrogate"],
  ["an escaped half before half a pair", '["\\ud83d\ude00"]', "json_lone_surrogate"],
  ["a lone surrogate after a backslash", '["\\\ud800"]', "json_syntax"],
  ["bytes that are not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), "json_invalid_utf8"],
  ["a byte order mark", "\ufeff{}", "json_syntax"],
  ["ten thousand arrays", "[".repeat(10_000) + "]".repeat(10_000), "json_too_deep"],
  ["a million arrays", "[".repeat(1_000_000), "json_too_deep"],
  ["ten megabytes", `"${"x".repeat(10_000_000)}"`, "json_too_large"],
  ["NaN", "[NaN]", "json_syntax"],
  ["a number beyond every double", "[1e400]", "json_number_out_of_range"],
];

/** What no argument may be; each is thrown back. */
export const misuses = [
  ["undefined", undefined],
  ["null", null],
  ["a number", 7],
  ["a bigint", 7n],
  ["a function", () => "{}"],
  ["a symbol", Symbol("s")],
  ["a cycle", cycle()],
  ["an ArrayBuffer", new ArrayBuffer(2)],
  ["a view that is not bytes", new Uint16Array(2)],
  ["a Map", new Map([["a", 1]])],
  ["a Set", new Set([1])],
  ["a promise", Promise.resolve("{}")],
  ["a bigint inside", { a: 1n }],
  ["nothing as JSON", { toJSON: () => undefined }],
];

function cycle() {
  const value = { a: 1 };
  value.self = value;
  return value;
}

/** A deep copy of JSON text a call cannot have changed. */
export const good = '{"b":[1.0,"é"],"a":null}';

const keys = new Map();

/** The key of somebody in these tests, as node:crypto has it and as documents have it. */
export function keyOf(id) {
  let made = keys.get(id);
  if (made === undefined) {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
    made = { privateKey, key: `ed25519:${raw.toString("base64")}` };
    keys.set(id, made);
  }
  return made;
}

/** An act, signed by whoever it names. */
export function signed({ signingBytes }, senate, command, nowMs) {
  const by = command.proposer_id ?? command.voter_id ?? command.by;
  const signing = senate.view("signing", { member_id: by }, nowMs).view;
  const { instance, key, next_nonce: nonce, seen } = signing;
  const act = { ...command, instance, key, nonce, seen };
  const { bytes } = signingBytes(act);
  return { ...act, signature: sign(null, bytes, keyOf(by).privateKey).toString("base64") };
}

/** A log of a founded senate with one type, as NDJSON, made by the core itself. */
export function foundedLog(core, members = ["ana", "ben", "eva"]) {
  const { senate } = core.Senate.replay("");
  const lines = [];
  const commands = [
    {
      command: "found_senate",
      origin: "senate.test",
      log_key: keyOf("the log").key,
      members: members.map((id) => ({ id, key: keyOf(id).key })),
    },
    {
      command: "import_type",
      artifact_type: "run",
      versions: [
        { schema: { type: "object", properties: { name: { type: "string" } }, required: ["name"] } },
      ],
      by: "ana",
    },
  ];
  for (const [at, given] of commands.entries()) {
    const command = "by" in given ? signed(core, senate, given, 1_000 + at) : given;
    const decision = senate.decide(command, { nowMs: 1_000 + at, entropy: String(at).padStart(20, "0") });
    if (!decision.ok) throw new Error(JSON.stringify(decision.problems));
    const text = decision.events.map((event) => JSON.stringify(event)).join("\n");
    const applied = senate.apply(text);
    if (!applied.ok) throw new Error(JSON.stringify(applied.problem));
    lines.push(text);
  }
  senate.free();
  return lines.join("\n");
}

/** A draft that adds an optional field to the type of {@link foundedLog}. */
export const draft = {
  proposal_type: "schema_change",
  metadata: {
    target_artifact_type: "run",
    change_type: "add_field",
    field_spec: { name: "seed", schema: { type: "integer" } },
    rationale:
      "The nightly comparison cannot tell two runs of one configuration apart without the seed they used.",
    use_cases: [
      { who: "the nightly comparison", need: "tells runs of one configuration apart by their seed" },
    ],
    migration_plan: { none_needed: "The field is optional; runs without a seed stay as they are." },
    backward_compatible: true,
  },
};
