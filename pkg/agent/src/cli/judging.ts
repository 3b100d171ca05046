/** How changes are judged, as options of a command: the mode and what is taken for granted. */
import type { Assumption, CompatibilitySetting, Mode } from "schema-senate";
import type { Options } from "./command.js";

const modes = [
  "backward",
  "forward",
  "full",
  "backward_transitive",
  "forward_transitive",
  "full_transitive",
] as const satisfies readonly Mode[];

const assumptions = [
  "closed_writers",
  "tolerant_enum_readers",
  "defaults_filled",
] as const satisfies readonly Assumption[];

export const judgingOptions = {
  mode: {
    type: "string",
    value: "MODE",
    choices: modes,
    help: "Which artifacts must stay valid; default backward",
  },
  assume: {
    type: "string",
    multiple: true,
    value: "ASSUMPTION",
    choices: assumptions,
    help: "Take something for granted. May be repeated",
  },
  lenient: {
    type: "boolean",
    help: "The same as --assume closed_writers --assume defaults_filled",
  },
} as const satisfies Options;

/** What the options say, each assumption once; a member is absent where they say nothing. */
export function settingOf(values: {
  mode: string | undefined;
  assume: readonly string[];
  lenient: boolean;
}): Partial<CompatibilitySetting> {
  const assumed = new Set([
    ...(values.assume as Assumption[]),
    ...(values.lenient ? (["closed_writers", "defaults_filled"] as const) : []),
  ]);
  return {
    ...(values.mode === undefined ? {} : { mode: values.mode as Mode }),
    ...(assumed.size === 0 ? {} : { assumptions: [...assumed] }),
  };
}
