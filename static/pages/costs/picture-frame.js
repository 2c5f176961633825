/** The frame of a picture: canvas, legend, and its content as a table. */
import { html, render } from "../../lib/html.js";
/** @typedef {{caption: string, heads: unknown[], rows: unknown[][]}} Table */

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

/** @param {Table} table */
function table({ caption, heads, rows }) {
  return html`<table class="figures">
    <caption class="off-screen">${caption}</caption>
    <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
    <tbody>${rows.map(([name, ...values]) => html`<tr><th scope="row">${name}</th>${values.map((value) => html`<td>${value}</td>`)}</tr>`)}</tbody>
  </table>`;
}
