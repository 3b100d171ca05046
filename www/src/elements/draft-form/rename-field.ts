/** The same field under another name. */
import { SPEC } from "../../draft/places.js";
import { type Form, text } from "./controls.js";
import { picker } from "./picker.js";

export function renameField(form: Form): unknown {
  return [
    picker(form, "from", false),
    text(form, SPEC + "/to", "New name", "The field stays in its object; only its name changes.", {
      mono: true,
    }),
  ];
}
