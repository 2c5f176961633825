/** What is shown in place of content that is not there: an icon, a heading, what it means, what can be done. */
import { html, icon, render } from "../lib/html.js";
/** @import {Markup} from "../lib/types.js" */

/**
 * `name` is for tests, `more` follows the text; `isWaiting`: a turning ring instead of an icon; `isPart`: of a page that has
 * a heading; `isAlert`: it is read out at once.
 * @param {{name?: string, sign?: string, isWaiting?: boolean, title?: unknown, text?: unknown, more?: Markup | null, isPart?: boolean, isAlert?: boolean}} parts
 */
export function state({ name, sign, isWaiting = false, title, text, more = null, isPart = false, isAlert = false }) {
  const heading = title ? (isPart ? html`<h3>${title}</h3>` : html`<h2>${title}</h2>`) : null;
  return html`<div class="state" data-testid="${name ?? "state"}" ${isAlert ? html`role="alert"` : null}>
    ${isWaiting ? html`<span class="spinner" aria-hidden="true"></span>` : null}${sign ? icon(sign) : null}${heading}
    ${text ? html`<p>${text}</p>` : null}${more}</div>`;
}

/** The service has not answered yet. */
export function connecting() {
  return state({ isWaiting: true, text: "Connecting to the service…" });
}

/**
 * What was asked for did not come; the one who asked does so again when the connection is back.
 * @param {string} name
 * @param {string} title
 * @param {Error} error
 * @param {{isPart?: boolean, more?: Markup | null}} [options]
 */
export function refusal(name, title, { message }, { isPart = false, more = null } = {}) {
  return state({ name, sign: "alert", isAlert: true, isPart, title, text: `${message} It is tried again when the connection is back.`, more });
}

/** What a place shows now. @type {WeakMap<HTMLElement, string>} */
const said = new WeakMap();

/**
 * Show a state in its place, once; null hides the place.
 * @param {HTMLElement} place
 * @param {Markup | null} markup
 */
export function say(place, markup) {
  place.hidden = markup === null;
  if (markup && markup.text !== said.get(place)) render(place, markup);
  said.set(place, markup?.text ?? "");
}
