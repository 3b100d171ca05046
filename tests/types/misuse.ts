/** What the types refuse. Each line below is an error, and compiling fails when one is not. */
import {
  canonicalize,
  checkCompatibility,
  digest,
  MisuseError,
  newId,
  Schema,
  Senate,
  tally,
} from "schema-senate";

declare const senate: Senate;
declare const error: MisuseError;

// @ts-expect-error a number is no text
canonicalize(7);
// @ts-expect-error null is no document here
canonicalize(null);
// @ts-expect-error an unknown kind
digest("{}", "nothing");
// @ts-expect-error handles are made by the core
new Schema();
// @ts-expect-error handles are made by the core
new Senate();
// @ts-expect-error an unknown option
Schema.compile("{}", { dialect: "draft7" });
// @ts-expect-error an unknown dialect
Schema.compile("{}", { draft: "draft3" });
// @ts-expect-error an unknown mode
checkCompatibility("{}", "{}", { mode: "sideways" });
// @ts-expect-error an unknown assumption
checkCompatibility("{}", "{}", { assumptions: ["lenient"] });
// @ts-expect-error the answer may be a refusal
Schema.compile("{}").schema.isValid("{}");
// @ts-expect-error the answer may be a refusal
canonicalize("{}").canonical;
// @ts-expect-error an unknown track
tally({ track: "easy", members: 3, yes: 1, no: 0, abstain: 0 });
// @ts-expect-error the time is the host's to give
newId({});
// @ts-expect-error the time is the host's to give
senate.decide({ command: "settle" });
// @ts-expect-error an unknown command
senate.decide({ command: "abolish" }, { nowMs: 1 });
// @ts-expect-error an unknown view
senate.view("everything", null, 1);
// @ts-expect-error an unknown code
error.code === "oops";
