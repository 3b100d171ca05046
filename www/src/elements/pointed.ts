/** A short document to read, with one place in it pointed out. */
import { html, type TemplateResult } from "lit";
import { nearest, parse } from "../json/spans.js";

/** `text` is JSON; `place` is a JSON Pointer; what it names is marked. Where all of it is meant, nothing stands out, so nothing is marked. */
export function document(text: string, label: string, place = ""): TemplateResult {
  const parsed = parse(text);
  const node = place !== "" && parsed.ok ? nearest(parsed.root, place) : undefined;
  return html`<pre class="sn-pre" tabindex="0" aria-label=${label}><code>${
    node
      ? html`${text.slice(0, node.start)}<mark>${text.slice(node.start, node.end)}</mark>${text.slice(node.end)}`
      : text
  }</code></pre>`;
}
