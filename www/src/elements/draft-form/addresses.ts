/** Earlier proposals that the draft answers: what changed since each of them. */
import type { Precedent } from "schema-senate";
import { html, nothing } from "lit";
import { ADDRESSES } from "../../draft/places.js";
import { join } from "../../json/pointer.js";
import { problemList, type Part } from "../parts.js";
import { type Form, text } from "./controls.js";

/** The proposals that the draft names. */
function addressed(form: Form): string[] {
  return Array.from({ length: form.draft.length(ADDRESSES) }, (_, at) =>
    form.draft.string(ADDRESSES + join(at, "proposal_id")),
  );
}

export function addresses(form: Form, precedents: Precedent[]): Part {
  const named = addressed(form);
  // The control is not there before there is something to say: its problems are looked for by their place.
  const problems = form.problems.filter(({ pointer }) => pointer === ADDRESSES);
  const offered = precedents.filter(
    (each) => !named.includes(each.proposal_id) && ["rejected", "expired", "withdrawn"].includes(each.status),
  );
  if (named.length === 0 && offered.length === 0 && problems.length === 0) return nothing;
  const title = (id: string) => precedents.find((each) => each.proposal_id === id)?.title ?? id;
  return html`<fieldset class="sn-choices" data-place=${ADDRESSES}>
    <legend>Earlier proposals</legend>
    <p class="sn-hint">Whoever asks again for what was rejected says what changed since.</p>
    ${named.map(
      (id, at) =>
        html`<div class="sn-case">
          ${text(form, ADDRESSES + join(at, "what_changed"), `What changed since “${title(id)}”`, "", { rows: 2 })}
          <button
            type="button"
            class="sn-button sn-button-plain"
            aria-label="Do not answer “${title(id)}”"
            @click=${() => form.emit(named.length === 1 ? form.draft.drop(ADDRESSES) : form.draft.drop(ADDRESSES + join(at)))}
          >
            Remove
          </button>
        </div>`,
    )}
    ${offered.map(
      (each) =>
        html`<button
          type="button"
          class="sn-button"
          @click=${async () => {
            const base = form.draft.has(ADDRESSES) ? form.draft : form.draft.set(ADDRESSES, []);
            form.emit(
              base.set(ADDRESSES + join(named.length), { proposal_id: each.proposal_id, what_changed: "" }),
            );
            await form.focusIn(`[data-place="${ADDRESSES}/${named.length}/what_changed"]`);
          }}
        >
          Say what changed since “${each.title}”
        </button>`,
    )}
    ${problemList(problems)}
  </fieldset>`;
}
