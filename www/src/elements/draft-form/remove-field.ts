/** A field that leaves the schema and the artifacts. */
import type { Form } from "./controls.js";
import { picker } from "./picker.js";

export function removeField(form: Form): unknown {
  return picker(form, "path", false);
}
