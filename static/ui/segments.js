/** Buttons side by side, of which one is pressed (or any of them): `segment-group`. Emits `segment-choose {name, value}`. */
import { define, delegate, emit } from "../lib/dom.js";
import { html } from "../lib/html.js";
/** @typedef {{value: string, label: unknown, testid?: string, title?: string}} Segment */

export class SegmentGroup extends HTMLElement {
  connectedCallback() {
    this.setAttribute("role", "group");
    delegate(this, "click", ".segment", (_, /** @type {HTMLButtonElement} */ { value }) => {
      emit(this, "segment-choose", { name: this.getAttribute("name"), value });
    });
  }

  /**
   * What is pressed: a value, or a list of them.
   * @param {string | string[]} value
   */
  set value(value) {
    for (const button of this.buttons) button.setAttribute("aria-pressed", String([value].flat().includes(button.value)));
  }

  get buttons() {
    return /** @type {NodeListOf<HTMLButtonElement>} */ (this.querySelectorAll(".segment"));
  }
}

/**
 * The group as markup.
 * @param {{name: string, label: string, choices: Segment[]}} group
 */
export function segments({ name, label, choices }) {
  define("segment-group", SegmentGroup);
  return html`<segment-group name="${name}" aria-label="${label}">${choices.map(
    ({ value, label: text, testid, title }) =>
      html`<button type="button" class="segment" value="${value}" data-testid="${testid ?? `${name}-${value}`}" title="${title ?? ""}" aria-pressed="false">${text}</button>`,
  )}</segment-group>`;
}
