/** What is shown in place of content that is not there: an icon, a heading, what it means, what can be done. */
import { html, icon } from "../lib/html.js";
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
