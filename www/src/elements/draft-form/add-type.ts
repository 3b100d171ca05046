/** A new artifact type with its first schema. */
import { SPEC } from "../../draft/places.js";
import { type Form, text } from "./controls.js";
import { schema } from "./schema.js";

export function addType(form: Form): unknown {
  return [
    text(form, SPEC + "/name", "Name of the type", "Lower-case letters, digits and _, a letter first.", {
      mono: true,
    }),
    text(form, SPEC + "/description", "Description", "", { optional: true }),
    schema(form, 16),
  ];
}
