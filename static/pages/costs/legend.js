/** The legend of a picture: a button per series with its line, its point and its amount; pressed, the series is left out. */
import { delegate } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { signOf } from "./series-styles.js";

export class Legend {
  #list;
  #hidden = new Set();

  /** `onChange()` is called when another choice of series is to be drawn. */
  constructor(list, onChange) {
    this.#list = list;
    delegate(list, "click", "button", (_, button) => {
      const { key } = button.dataset;
      if (!this.#hidden.delete(key)) this.#hidden.add(key);
      button.setAttribute("aria-pressed", String(!this.#hidden.has(key)));
      onChange();
    });
  }

  /** `entries` are `{name, amount, style, title}`. */
  show(entries) {
    const focused = this.#list.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    render(this.#list, html`${entries.map((entry) => this.#entry(entry))}`);
    if (focused !== null) this.#list.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  /** True if the user has left the series out. */
  isHidden(name) {
    return this.#hidden.has(name);
  }

  #entry({ name, amount, style, title = "" }) {
    const { dash, path } = signOf(style);
    return html`<li><button type="button" class="legend-entry" data-key="${name}" data-colour="${style.colour}" aria-pressed="${!this.isHidden(name)}" title="${title}">
      <svg class="legend-sign" viewBox="0 0 28 12" aria-hidden="true"><path class="line" d="M1 6h26" stroke-dasharray="${dash}"></path><path class="point" d="${path}"></path></svg>
      <span class="legend-name">${name}</span><span class="legend-amount">${amount}</span>
    </button></li>`;
  }
}
