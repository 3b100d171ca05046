import { createKey, readKey } from "../../keys.js";
import type { Signer } from "../../signer.js";
import { actOptions, command, operandsOf } from "../command.js";
import { actingClient, keyFileOf } from "../context.js";
import { Exit, type ExitCode, usageFault } from "../fault.js";
import { factLines } from "../report.js";
import { nearest } from "../suggest.js";
import { safeLine, type Terminal } from "../terminal.js";

const actions = ["new", "show", "rotate"] as const;

export const key = command({
  name: "key",
  summary: "Make a key, show its public half, or change to another one",
  usage: [
    "key new FILE [--json]",
    "key show FILE [--json]",
    "key rotate --key OLD --new NEW [--as ID] [--host URL] [--json]",
  ],
  details: [
    "`new` makes an Ed25519 key in FILE, a PKCS#8 PEM that only you can read, and prints what others may know of it: the public key, which a membership change enrols, and the key's id, which stands in every act. A file that is there is never overwritten.",
    "`rotate` tells the senate that you sign with NEW from now on. It is signed with OLD, and NEW proves that it is there. What was signed with OLD before stays valid.",
    "With SENATE_KEY_PASSPHRASE set, `new` protects the file with it, and every command opens protected files with it. The private half is never printed.",
  ],
  options: {
    new: { type: "string", value: "FILE", help: "With rotate: the key to change to" },
    ...actOptions,
  },
  examples: [
    { line: "senate key new ana.pem", says: "a key of your own" },
    { line: "senate key new next.pem && senate key rotate --key ana.pem --new next.pem", says: "change it" },
  ],
  exits: {
    0: "made, shown, changed",
    1: "not an Ed25519 key, or the change was refused",
    3: "the file is there already, cannot be read, or may be read by others",
  },
  async run({ values, operands }, terminal) {
    const [action, ...rest] = operands;
    if (action === undefined) throw usageFault("`senate key` needs an action.", "Write new, show or rotate.");
    if (action !== "rotate" && values.new !== undefined)
      throw usageFault("`--new` belongs to `senate key rotate`.", "`senate key new FILE` makes a key.");
    const passphrase = terminal.env["SENATE_KEY_PASSPHRASE"];
    if (action === "new") {
      const [file] = operandsOf("key new", rest, ["FILE"]);
      const signer = await createKey(file, { passphrase });
      return shown(signer, { file, protected: Boolean(passphrase) }, values.json, terminal);
    }
    if (action === "show") {
      const [file] = operandsOf("key show", rest, ["FILE"]);
      return shown(await readKey(file, { passphrase }), { file }, values.json, terminal);
    }
    if (action !== "rotate") {
      const meant = nearest(action, actions);
      throw usageFault(
        `\`senate key\` has no action \`${action}\`.`,
        meant === undefined ? "Write new, show or rotate." : `Did you mean \`${meant}\`?`,
      );
    }
    operandsOf("key rotate", rest, []);
    if (values.new === undefined || keyFileOf(values.key, terminal) === undefined) {
      throw usageFault("`senate key rotate` needs both keys.", "Write `--key OLD --new NEW`.");
    }
    const next = await readKey(values.new, { passphrase });
    const { client, actor } = await actingClient(values, terminal);
    await client.rotateKey(next, { by: actor });
    if (values.json) {
      terminal.json({ member: actor, public_key: next.publicKey, key_id: next.keyId });
      return Exit.ok;
    }
    terminal.line(`${safeLine(actor)} signs with ${next.keyId} from now on.`);
    terminal.line(`Keep ${safeLine(values.new)}; the old key signs nothing any more.`);
    return Exit.ok;
  },
});

function shown(
  signer: Signer,
  file: { file: string; protected?: boolean },
  json: boolean,
  terminal: Terminal,
): ExitCode {
  if (json) {
    terminal.json({ ...file, public_key: signer.publicKey, key_id: signer.keyId });
    return Exit.ok;
  }
  const facts = [
    ["file", `${safeLine(file.file)}${file.protected === true ? ", protected by the passphrase" : ""}`],
    ["public key", signer.publicKey],
    ["key id", signer.keyId],
  ] as const;
  for (const line of factLines(facts, terminal)) terminal.line(line);
  return Exit.ok;
}
