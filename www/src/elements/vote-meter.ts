import type { Choice, Tally } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { CHOICE, tallyText } from "../words/status.js";
import { define, SenateElement, variables } from "./base.js";
import { sentence } from "./parts.js";

type Seat = Choice | "silent";

/** Up to here every member has a seat of their own in the bar; beyond, the bar shows shares. */
const MOST_SEATS = 48;

const LABEL: Record<Seat, { word: string; mark: string }> = {
  ...CHOICE,
  silent: { word: "Not voted", mark: "" },
};

/**
 * Where a vote stands: one bar with a seat for each member and a tick at the threshold, and the same as a table.
 *
 * `tally` is a property, or an attribute that holds its JSON; `compact` leaves the table and the words away, for lists.
 */
export class SenateVoteMeter extends SenateElement {
  @property({ type: Object }) accessor tally: Tally | undefined;
  @property({ type: Boolean }) accessor compact = false;

  protected override render(): unknown {
    const { tally } = this;
    if (!tally) return nothing;
    return html`
      <div
        class="sn-meter"
        role="meter"
        aria-label="Votes in favour"
        aria-valuemin="0"
        aria-valuemax=${tally.members}
        aria-valuenow=${tally.yes}
        aria-valuetext=${tallyText(tally)}
      >
        ${tally.members <= MOST_SEATS ? this.#seats(tally) : this.#shares(tally)}
      </div>
      ${
        this.compact
          ? nothing
          : html`<p class="sn-meter-words">${sentence(tally.words)}</p>
              ${this.#table(tally)} ${this.#principals(tally)}`
      }
    `;
  }

  #tick(tally: Tally): TemplateResult {
    return html`<span class="sn-meter-tick" data-early=${isEarly(tally) || nothing}
      ><b>${tally.threshold} needed</b></span
    >`;
  }

  #seats(tally: Tally): TemplateResult[] {
    const seats = [...order(tally)].flatMap(([seat, count]) => new Array<Seat>(count).fill(seat));
    return seats.flatMap((seat, at) => {
      const drawn = html`<span class="sn-seat" data-choice=${seat}><i>${LABEL[seat].mark}</i></span>`;
      return tally.threshold === at + 1 ? [drawn, this.#tick(tally)] : [drawn];
    });
  }

  #shares(tally: Tally): TemplateResult {
    return html`${[...order(tally)]
      .filter(([, count]) => count > 0)
      .map(
        ([seat, count]) =>
          html`<span class="sn-seat" data-choice=${seat} ${variables({ "flex-grow": String(count) })}
            ><i>${LABEL[seat].mark}</i></span
          >`,
      )}
    ${
      tally.threshold === null
        ? nothing
        : html`<span
            class="sn-meter-tick sn-meter-tick-at"
            data-early=${isEarly(tally) || nothing}
            ${variables({ "--at": String(tally.threshold / tally.members) })}
            ><b>${tally.threshold} needed</b></span
          >`
    }`;
  }

  /** Members of one principal are not independent: how far the yes ballots spread, where the rule asks. */
  #principals(tally: Tally): unknown {
    const { principals, capped = [] } = tally;
    const needed = principals["needed"] ?? 0;
    if (needed <= 1 && capped.length === 0) return nothing;
    return html`<ul class="sn-meter-more">
      ${
        needed > 1
          ? html`<li>Yes from <strong>${principals["yes"]}</strong> of ${needed} principals needed</li>`
          : nothing
      }
      ${capped.map(
        ({ cap, yes, members }) =>
          html`<li>
            At most ${cap} of each principal: <strong>${yes}</strong> yes of ${members} that count
          </li>`,
      )}
    </ul>`;
  }

  #table(tally: Tally): TemplateResult {
    return html`<table class="sn-counts">
      <caption class="sn-hidden">
        Ballots by choice
      </caption>
      <thead>
        <tr>
          ${[...order(tally)].map(
            ([seat]) =>
              html`<th scope="col">
                <span class="sn-key" data-choice=${seat} aria-hidden="true">${LABEL[seat].mark}</span
                >${LABEL[seat].word}
              </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        <tr>
          ${[...order(tally)].map(([, count]) => html`<td>${count}</td>`)}
        </tr>
      </tbody>
    </table>`;
  }
}

/** In the first half of the bar the label has its room on the other side of the tick. */
function isEarly(tally: Tally): boolean {
  return tally.threshold !== null && 2 * tally.threshold <= tally.members;
}

/** Yes from one end, no from the other, silence between: the tick is reached from the left. */
function order(tally: Tally): [Seat, number][] {
  return [
    ["yes", tally.yes],
    ["silent", tally.not_voted],
    ["abstain", tally.abstain],
    ["no", tally.no],
  ];
}

define("senate-vote-meter", SenateVoteMeter);
