/** How stored artifacts follow, and what the proposer claims of them. */
import { html, nothing, type TemplateResult } from "lit";
import { PLACE, PLAN } from "../../draft/places.js";
import { problemList } from "../parts.js";
import { type Form, text } from "./controls.js";

export function plan(form: Form): TemplateResult {
  const none = form.draft.has(PLAN + "/none_needed") || !form.draft.has(PLAN + "/sql");
  const choose = (needed: boolean) => {
    for (const member of ["sql", "backfill", "none_needed"]) {
      if (form.draft.has(`${PLAN}/${member}`))
        form.planMemory.set(member, form.draft.string(`${PLAN}/${member}`));
    }
    const held = (member: string) => form.planMemory.get(member) ?? "";
    form.emit(
      form.draft.set(
        PLAN,
        needed ? { sql: held("sql"), backfill: held("backfill") } : { none_needed: held("none_needed") },
      ),
    );
  };
  return html`<fieldset class="sn-choices" data-place=${PLAN}>
    <legend>Migration plan</legend>
    <p class="sn-hint">
      The senate generates its own migration from the change; yours is kept beside it for the readers.
    </p>
    <div class="sn-radios">
      <label
        ><input type="radio" name="${form.stem}-plan" .checked=${none} @change=${() => choose(false)} />
        <span>None is needed</span></label
      >
      <label
        ><input type="radio" name="${form.stem}-plan" .checked=${!none} @change=${() => choose(true)} />
        <span>SQL and a backfill</span></label
      >
    </div>
    ${
      none
        ? text(form, PLAN + "/none_needed", "Because", "", { rows: 2 })
        : html`${text(form, PLAN + "/sql", "SQL", "", { rows: 3, mono: true })}
          ${text(form, PLAN + "/backfill", "Backfill strategy", "Where the values of existing artifacts come from.", { rows: 2 })}`
    }
    ${form.strict ? problemList(form.problemsAt(PLAN)) : nothing}
  </fieldset>`;
}

export function claim(form: Form): TemplateResult {
  const claim = form.draft.boolean(PLACE.claim);
  const problems = form.problemsAt(PLACE.claim);
  return html`<fieldset class="sn-choices" data-place=${PLACE.claim}>
    <legend>Your claim</legend>
    <p class="sn-hint">
      The core computes the verdict itself. A false claim never lowers the threshold; it is only named.
    </p>
    <div class="sn-radios">
      <label
        ><input
          type="radio"
          name="${form.stem}-claim"
          .checked=${claim === true}
          @change=${() => form.emit(form.draft.set(PLACE.claim, true))}
        />
        <span>Existing artifacts stay valid</span></label
      >
      <label
        ><input
          type="radio"
          name="${form.stem}-claim"
          .checked=${claim === false}
          @change=${() => form.emit(form.draft.set(PLACE.claim, false))}
        />
        <span>Some existing artifacts become invalid</span></label
      >
    </div>
    ${problemList(problems)}
  </fieldset>`;
}
