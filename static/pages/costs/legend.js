/** The legend of a picture: a button per series with its colour and its amount; pressed, the series is left out. */
/** @import {LegendEntry} from "./types.js" */
import { delegate } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";

export class Legend {
  #list;
  /** @type {Set<string>} */
  #hidden = new Set();

  /**
   * `onChange()` is called when another choice of series is to be drawn.
   * @param {HTMLElement} list
   * @param {() => void} onChange
   */
  constructor(list, onChange) {
    this.#list = list;
    delegate(list, "click", "button", (_, /** @type {HTMLElement} */ button) => {
      const key = button.dataset.key ?? "";
      if (!this.#hidden.delete(key)) this.#hidden.add(key);
      button.setAttribute("aria-pressed", String(!this.#hidden.has(key)));
      onChange();
    });
  }

  /** `entries` are `{name, amount, style, title}`. @param {LegendEntry[]} entries */
  show(entries) {
    const active = /** @type {HTMLElement | null} */ (document.activeElement);
    const focused = this.#list.contains(active) ? (active?.dataset.key ?? null) : null;
    render(this.#list, html`${entries.map((entry) => this.#entry(entry))}`);
    if (focused === null) return;
    /** @type {HTMLElement | null} */ (this.#list.querySelector(`[data-key="${CSS.escape(focused)}"]`))?.focus();
  }

  /** True if the user has left the series out. @param {string} name */
  isHidden(name) {
    return this.#hidden.has(name);
  }

  /** @param {LegendEntry} entry */
  #entry({ name, amount, style, title = "" }) {
    return html`<li><button type="button" class="legend-entry" data-key="${name}" data-colour="${style.colour}" aria-pressed="${!this.isHidden(name)}" title="${title}">
      <svg class="legend-sign" viewBox="0 0 12 12" aria-hidden="true"><rect x="1" y="1" width="10" height="10" rx="2"></rect></svg>
      <span class="legend-name">${name}</span><span class="legend-amount">${amount}</span>
    </button></li>`;
  }
}
