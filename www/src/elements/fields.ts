import type { Json } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { fieldsOf, type Field } from "../json/fields.js";
import { plural } from "../words/status.js";
import { define, SenateElement, variables } from "./base.js";

const FIRST = 40;

/** The fields of a schema as a table: name, type, whether it must be there, what it means. */
export class SenateFields extends SenateElement {
  @property({ type: Object }) accessor schema: Json | undefined;
  @state() private accessor all = false;

  protected override render(): unknown {
    if (this.schema === undefined) return nothing;
    const fields = fieldsOf(this.schema);
    if (fields.length === 0) return html`<p class="sn-quiet">This schema names no fields.</p>`;
    const shown = this.all ? fields : fields.slice(0, FIRST);
    return html`<table class="sn-table sn-fields">
        <caption class="sn-hidden">
          Fields
        </caption>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Type</th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map(row)}
        </tbody>
      </table>
      ${
        shown.length < fields.length
          ? html`<button type="button" class="sn-button" @click=${() => (this.all = true)}>
              Show ${plural(fields.length - shown.length, "more field")}
            </button>`
          : nothing
      }`;
  }
}

function row(field: Field): TemplateResult {
  return html`<tr>
    <th scope="row" ${variables({ "--depth": String(field.depth) })}>
      <span class="sn-field-name"
        ><code title=${field.path}>${field.name}</code>${
          field.required ? html` <span class="sn-required">required</span>` : nothing
        }</span
      >
    </th>
    <td>
      <span class="sn-field-type">${field.type}</span>
      ${
        field.values
          ? html`<span class="sn-values"
              >${field.values.slice(0, 12).map((value) => html`<code>${JSON.stringify(value)}</code> `)}${
                field.values.length > 12
                  ? html`<span class="sn-quiet">and ${field.values.length - 12} more</span>`
                  : nothing
              }</span
            >`
          : nothing
      }
      ${field.constraints.length > 0 ? html`<span class="sn-quiet">${field.constraints.join(", ")}</span>` : nothing}
      ${field.default ? html`<span class="sn-quiet">default <code>${JSON.stringify(field.default.value)}</code></span>` : nothing}
    </td>
    <td>${field.description ?? field.title ?? ""}</td>
  </tr>`;
}

define("senate-fields", SenateFields);
