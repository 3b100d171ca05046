/** What the entries export is what index.d.ts says: every name of the contract, each assignable to its type. */
import type * as contract from "schema-senate";
import * as node from "../../pkg/core/node.js";
import * as web from "../../pkg/core/web.js";
import * as worker from "../../pkg/core/worker.js";
import * as workerd from "../../pkg/core/workerd.js";

/** A class by what it makes and by its static functions; how it is constructed is nobody's business. */
type Instance<Class> = Class extends { prototype: infer Made } ? Made : never;
type Statics<Class> = Omit<Class, "prototype">;
type Plain<Module> = Omit<Module, "Migration" | "Schema" | "Senate" | "MisuseError">;

for (const entry of [node, web, worker, workerd]) {
  entry satisfies Plain<typeof contract>;
  entry.Migration satisfies Statics<typeof contract.Migration>;
  entry.Schema satisfies Statics<typeof contract.Schema>;
  entry.Senate satisfies Statics<typeof contract.Senate>;
  entry.Migration.prototype satisfies Instance<typeof contract.Migration>;
  entry.Schema.prototype satisfies Instance<typeof contract.Schema>;
  entry.Senate.prototype satisfies Instance<typeof contract.Senate>;
  entry.MisuseError.prototype satisfies Instance<typeof contract.MisuseError>;
}

/** And nothing beside it. */
type Beside<Entry> = Exclude<keyof Entry, keyof typeof contract>;
const nothingBeside: [
  Beside<typeof node>,
  Beside<typeof web>,
  Beside<typeof worker>,
  Beside<typeof workerd>,
] extends [never, never, never, never]
  ? true
  : never = true;
void nothingBeside;
