/** A short document to read, with one place in it pointed out. */
import type { Json } from "schema-senate";
import { html, type TemplateResult } from "lit";
import { nearest, parse, write } from "../json/spans.js";

/** `place` is a JSON Pointer; what it names is marked. Where all of it is meant, nothing stands out, so nothing is marked. */
export function document(value: Json | undefined, label: string, place = ""): TemplateResult {
  const text = write(value);
  const parsed = parse(text);
  const node = place !== "" && parsed.ok ? nearest(parsed.root, place) : undefined;
  return html`<pre class="sn-pre" tabindex="0" aria-label=${label}><code>${
    node
      ? html`${text.slice(0, node.start)}<mark>${text.slice(node.start, node.end)}</mark>${text.slice(node.end)}`
      : text
  }</code></pre>`;
}
