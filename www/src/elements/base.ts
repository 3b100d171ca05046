import { LitElement, nothing } from "lit";
import { Directive, directive, type DirectiveParameters, type ElementPart } from "lit/directive.js";
import { clientFor, type Client } from "../api/client.js";

/**
 * What every element of the senate shares: it renders into the light DOM, so the page's stylesheet and the page's
 * assistive technology see one document, and it finds its host by the nearest `senate-host` attribute.
 */
export class SenateElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    this.toggleAttribute("data-senate", true);
    return this;
  }

  get client(): Client {
    return clientFor(this);
  }

  /** The address of a screen: within the app a hash, elsewhere the app of the element's host. */
  protected href(...path: string[]): string {
    const hash = "#/" + path.map(encodeURIComponent).join("/");
    return this.closest("senate-app") ? hash : `${this.client.base}/${hash}`;
  }

  /** Goes there, as a click on the link would. */
  protected go(...path: string[]): void {
    window.location.assign(this.href(...path));
  }

  /** Focuses what `selector` names once it is rendered. */
  protected async focusOn(selector: string): Promise<void> {
    await this.updateComplete;
    this.querySelector<HTMLElement>(selector)?.focus();
  }
}

/** Registers an element unless the page has it already. */
export function define(name: string, constructor: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, constructor);
}

class Variables extends Directive {
  override render(_variables: Record<string, string>): typeof nothing {
    return nothing;
  }

  // Through the object model: a `style` attribute would be refused by the content security policy.
  override update(part: ElementPart, [variables]: DirectiveParameters<this>): typeof nothing {
    const { style } = part.element as HTMLElement;
    for (const [name, value] of Object.entries(variables)) style.setProperty(name, value);
    return nothing;
  }
}

/** Sets CSS custom properties of an element: `<i ${variables({"--share": "3"})}>`. */
export const variables = directive(Variables);

let counter = 0;
/** An id that no other element on the page has. */
export function uniqueId(stem: string): string {
  counter += 1;
  return `sn-${stem}-${counter}`;
}
