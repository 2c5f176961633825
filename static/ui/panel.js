/** The frame of a part of the costs page: heading, controls, content; for a picture its canvas, legend and table. */
import { one } from "../lib/dom.js";
import { html, icon, render } from "../lib/html.js";
/** @import {Markup} from "../lib/types.js" */
/** @typedef {{caption: string, heads: unknown[], rows: unknown[][]}} Table */

/**
 * A section with a heading of its own; `controls` are beside the heading, `note` under it.
 * @param {{name: string, title: string, note?: unknown, controls?: Markup | null, body: Markup}} parts
 */
export function panel({ name, title, note = null, controls = null, body }) {
  return html`<section class="panel" aria-labelledby="${name}-title" data-testid="${name}">
    <header class="panel-top">
      <div class="panel-text"><h3 id="${name}-title">${title}</h3>${note ? html`<p class="panel-note">${note}</p>` : null}</div>
      ${controls ? html`<div class="panel-controls">${controls}</div>` : null}
    </header>
    ${body}
    <p class="panel-problem" role="status" hidden></p>
  </section>`;
}

/**
 * Canvas, legend and table of a picture.
 * @param {{name: string, shape?: "wide" | "round"}} picture
 */
export function pictureFrame({ name, shape = "wide" }) {
  return html`<div class="picture" data-shape="${shape}">
      <div class="canvas-box"><canvas role="img" aria-label="Nothing to show yet"></canvas><p class="picture-empty" hidden>No calls in this range.</p></div>
      <ul class="legend" data-testid="${name}-legend"></ul>
    </div>
    ${tableFrame(name)}`;
}

/**
 * A table that is made when it is asked for.
 * @param {string} name
 */
export function tableFrame(name) {
  return html`<details class="as-table" data-testid="${name}-table"><summary>Show as a table</summary></details>`;
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

/** The table of a picture: `show({caption, heads, rows})`; rows are lists of texts, the first names the row. */
export class TableOf {
  #details;
  /** @type {Table | null} */
  #table = null;

  /** @param {HTMLDetailsElement} details */
  constructor(details) {
    this.#details = details;
    details.addEventListener("toggle", () => this.#draw());
  }

  /**
   * Take the content; it is drawn when the table is to be seen.
   * @param {Table} table
   */
  show(table) {
    this.#table = table;
    this.#draw();
  }

  #draw() {
    if (!this.#details.open || !this.#table) return;
    const box = this.#details.querySelector(".table-box") ?? this.#box();
    const { scrollTop, scrollLeft } = box;
    box.setAttribute("aria-label", this.#table.caption);
    render(box, table(this.#table));
    Object.assign(box, { scrollTop, scrollLeft });
  }

  #box() {
    const box = document.createElement("div");
    box.className = "table-box";
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    this.#details.append(box);
    return box;
  }
}

/**
 * A small chip for something that wants attention.
 * @param {string} text
 * @param {string} [title]
 */
export function warning(text, title = "") {
  return html`<span class="chip warning" title="${title}">${icon("alert")}${text}</span>`;
}

/** @param {Table} table */
function table({ caption, heads, rows }) {
  return html`<table class="figures">
    <caption class="off-screen">${caption}</caption>
    <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
    <tbody>${rows.map(([name, ...values]) => html`<tr><th scope="row">${name}</th>${values.map((value) => html`<td>${value}</td>`)}</tr>`)}</tbody>
  </table>`;
}
