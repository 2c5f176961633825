/** What was found, in a list of which only the visible part exists. Emits `file-open {path, line}` and `search-focus`. */
import { define, delegate, emit } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { indexFor } from "../../lib/layout.js";
import { rowList } from "../../ui/row-list.js";
import { fillRow, newRow } from "./result-rows.js";

export class FinderResults extends HTMLElement {
  #list;
  #search = null;
  #words = [];
  #open = {};

  connectedCallback() {
    render(this, html`<div class="result-view"><div class="results" role="listbox" aria-label="Found" data-testid="results"></div></div>`);
    const results = this.querySelector(".results");
    this.#list = rowList(this.querySelector(".result-view"), results, {
      make: newRow,
      fill: (element, row) => fillRow(element, row, { words: this.#words, chosen: (one) => this.#isOpen(one) }),
      onEnd: (row) => row.kind === "more" && this.#search?.more(),
    });
    delegate(results, "click", ".result-row", (_, element) => this.#activate(this.#list.itemOf(element)));
    results.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** Show the rows of a search; `q` are the words looked for in names. */
  show(search, q) {
    const isNew = search !== this.#search;
    this.#search = search;
    this.#words = q.toLowerCase().split(/\s+/).filter(Boolean);
    this.#list.show(search.rows, isNew);
  }

  /** The file that is open: `{path, line}`. */
  set open(open) {
    this.#open = open;
    this.#list.refresh();
  }

  /** Give the focus to the row last used. */
  focusRow() {
    this.#list.focus(Math.max(0, this.#list.activeIndex));
  }

  #isOpen({ kind, path, hit }) {
    if (path !== this.#open.path) return false;
    return kind === "hit" ? String(hit.line) === this.#open.line : !this.#open.line;
  }

  #activate(row) {
    if (!row || row.kind === "more") return;
    emit(this, "file-open", { path: row.path, line: row.hit?.line ?? null });
  }

  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = this.#list.activeIndex;
    const target = indexFor(event.key, index, { length: this.#list.items.length, page: this.#list.page });
    if (event.key === "ArrowUp" && index === 0) emit(this, "search-focus");
    else if (target !== undefined) this.#list.focus(target);
    else if (event.key === "Enter" || event.key === " ") this.#activate(this.#list.itemOf(event.target));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** Make the element known. */
export function register() {
  define("finder-results", FinderResults);
}
