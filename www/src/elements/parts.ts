/** Small pieces that many elements are made of. */
import type { Problem, Status, Tally, Track, Verdict } from "schema-senate";
import { html, nothing, type TemplateResult } from "lit";
import type { Failure } from "../api/problem.js";
import type { Resource } from "../state/resource.js";
import { needs, STATUS, TRACK, VERDICT, type Tone } from "../words/status.js";
import { day, iso, local, relative, short, utc } from "../words/time.js";

export type Part = TemplateResult | typeof nothing;

export function badge(tone: Tone, word: string, says?: string): TemplateResult {
  return html`<span class="sn-badge" data-tone=${tone} title=${says ?? nothing}>${word}</span>`;
}

export const statusBadge = (status: Status): TemplateResult =>
  badge(STATUS[status].tone, STATUS[status].word, STATUS[status].says);

export const trackBadge = (track: Track): TemplateResult =>
  badge(TRACK[track].tone, TRACK[track].word, TRACK[track].says);

export const verdictBadge = (verdict: Verdict): TemplateResult =>
  badge(VERDICT[verdict].tone, VERDICT[verdict].word, VERDICT[verdict].says);

export const needsText = (tally: Tally): TemplateResult =>
  html`<span class="sn-needs">${needs(tally)}</span>`;

/** A digest cut to twelve digits; the whole one on hover and for copying. */
export function digest(value: string): TemplateResult {
  return html`<code class="sn-digest" title=${value}>${short(value)}</code>`;
}

/** Relative in the line, absolute on hover. */
export function ago(ms: number): TemplateResult {
  return html`<time datetime=${iso(ms)} title=${utc(ms)}>${relative(ms, Date.now())}</time>`;
}

export function onDay(ms: number): TemplateResult {
  return html`<time datetime=${iso(ms)} title=${utc(ms)}>${day(ms)}</time>`;
}

/** Absolute in UTC and in the reader's zone, and relative: for a time that matters. */
export function moment(ms: number): TemplateResult {
  const here = local(ms);
  return html`<time datetime=${iso(ms)}
    ><strong>${relative(ms, Date.now())}</strong>
    <span class="sn-quiet">${utc(ms)}${here === undefined ? nothing : html` · ${here}`}</span></time
  >`;
}

export function problemList(problems: Problem[]): Part {
  if (problems.length === 0) return nothing;
  return html`<ul class="sn-problems">
    ${problems.map((problem) => html`<li data-severity=${problem.severity}>${problemText(problem)}</li>`)}
  </ul>`;
}

export function problemText(problem: Problem): TemplateResult {
  return html`<span class="sn-problem">
    <span class="sn-problem-mark" aria-hidden="true">${problem.severity === "error" ? "✕" : "!"}</span>
    <span class="sn-hidden">${problem.severity === "error" ? "Error:" : "Warning:"}</span>
    <span>
      <span class="sn-problem-message">${sentence(problem.message)}</span>
      ${problem.remedy ? html`<span class="sn-remedy">${sentence(problem.remedy)}</span>` : nothing}
    </span>
  </span>`;
}

/** Sentences of the core put what was written between backticks. */
export function ticks(sentence: string): (string | TemplateResult)[] {
  return sentence.split("`").map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part));
}

/** The same, begun with a capital letter, for sentences that do not begin with a name. */
export function sentence(words: string): (string | TemplateResult)[] {
  return ticks(words.charAt(0).toUpperCase() + words.slice(1));
}

export function notice(tone: Tone, title: string, body?: unknown): TemplateResult {
  return html`<div class="sn-notice" data-tone=${tone}>
    <p class="sn-notice-title">${title}</p>
    ${body === undefined || body === "" ? nothing : html`<div>${body}</div>`}
  </div>`;
}

/** A refusal where the reader acted; read out at once. */
export function refusal(failure: Failure | undefined): Part {
  if (!failure) return nothing;
  const own = failure.problems.filter((problem) => problem.message !== failure.detail);
  return html`<div class="sn-notice" data-tone="bad" role="alert">
    <p class="sn-notice-title">${failure.title}</p>
    ${failure.detail ? html`<p>${sentence(failure.detail)}</p>` : nothing} ${problemList(own)}
  </div>`;
}

export function skeleton(what: string): TemplateResult {
  return html`<div class="sn-skeleton" role="status">
    <span class="sn-hidden">Loading ${what}…</span><i></i><i></i><i></i>
  </div>`;
}

export function empty(title: string, body: unknown, action: unknown = nothing): TemplateResult {
  return html`<div class="sn-empty">
    <p class="sn-empty-title">${title}</p>
    <p>${body}</p>
    ${action}
  </div>`;
}

function oldState(failure: Failure): TemplateResult {
  return failure.kind === "offline"
    ? notice("warn", "The host cannot be reached: this is the last state seen")
    : notice("warn", failure.title, failure.detail);
}

/** Loading, failed, stale or there: one way to show each. */
export function shown<T>(resource: Resource<T>, what: string, render: (value: T) => unknown): unknown {
  const { value, failure } = resource;
  if (value !== undefined) {
    // One template with and without the notice: what is typed below it must outlive a host that goes away.
    return html`${failure ? oldState(failure) : nothing}${render(value)}`;
  }
  if (!failure) return skeleton(what);
  if (failure.kind === "missing") {
    return empty(
      `No such ${what}`,
      failure.detail || "It may have been named differently, or never existed.",
    );
  }
  return html`<div class="sn-notice" data-tone="bad" role="alert">
    <p class="sn-notice-title">${failure.title}</p>
    ${failure.detail ? html`<p>${failure.detail}</p>` : nothing}
    <button type="button" class="sn-button" @click=${() => void resource.restart()}>Try again</button>
  </div>`;
}
