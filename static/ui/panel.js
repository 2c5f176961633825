/** The frame of a part of a page: heading, controls, content, and what went wrong with it. */
import { one } from "../lib/dom.js";
import { html, icon } from "../lib/html.js";
/** @import {Markup} from "../lib/types.js" */

/**
 * A section with a heading of its own; `controls` are beside the heading, `note` under it. A group and no landmark: a page has
 * many, and its tables are landmarks of the same names.
 * @param {{name: string, title: string, note?: unknown, controls?: Markup | null, body: Markup}} parts
 */
export function panel({ name, title, note = null, controls = null, body }) {
  return html`<section class="panel" role="group" aria-labelledby="${name}-title" data-testid="${name}">
    <header class="panel-top">
      <div class="panel-text"><h3 id="${name}-title">${title}</h3>${note ? html`<p class="panel-note">${note}</p>` : null}</div>
      ${controls ? html`<div class="panel-controls">${controls}</div>` : null}
    </header>
    ${body}
    <p class="panel-problem" role="status" hidden></p>
  </section>`;
}

/**
 * Show what went wrong with a part, or nothing.
 * @param {Element} root
 * @param {Error | null} error
 */
export function showProblem(root, error) {
  const place = one(root, ".panel-problem");
  place.hidden = !error;
  place.textContent = error ? `${error.message} What you see may be old.` : "";
}

/**
 * A small chip for something that wants attention.
 * @param {string} text
 * @param {string} [title]
 */
export function warning(text, title = "") {
  return html`<span class="chip warning" title="${title}">${icon("alert")}${text}</span>`;
}
