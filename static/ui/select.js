/** Lists to choose one from. What is offered may change while they are shown. */
import { html, render } from "../lib/html.js";
/** What is chosen and how it is named. @typedef {[value: string, text: string]} Choice */

/** What a list offers, so that it is made anew only when that changes. @type {WeakMap<HTMLSelectElement, string>} */
const offered = new WeakMap();

/**
 * A list as markup; without `choices`, `fillSelect` gives it some.
 * @param {{name: string, label: string, testid: string, choices?: Choice[]}} list
 */
export function select({ name, label, testid, choices = [] }) {
  return html`<select class="pill" name="${name}" data-testid="${testid}" aria-label="${label}">${choices.map(option)}</select>`;
}

/**
 * Offer `choices` and select `value`. With `any`, the name of no choice, the list is a filter: it offers that too, and is
 * marked while something is chosen.
 * @param {HTMLSelectElement} list
 * @param {{choices: Choice[], value: string, any?: string}} options
 */
export function fillSelect(list, { choices, value, any }) {
  const all = any === undefined ? choices : [/** @type {Choice} */ (["", any]), ...choices];
  const state = JSON.stringify([all, value]);
  // An open list that changes under the pointer is worse than one that is a moment old.
  const isOpen = list === document.activeElement && CSS.supports("selector(:open)") && list.matches(":open");
  if (offered.get(list) === state || (isOpen && list.value === value)) return;
  offered.set(list, state);
  render(list, html`${all.map(option)}`);
  list.value = value;
  list.toggleAttribute("data-active", any !== undefined && value !== "");
}

/** @param {Choice} choice */
function option([value, text]) {
  return html`<option value="${value}">${text}</option>`;
}
