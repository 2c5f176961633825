/** What was found, in a list of which only the visible part exists. Emits `file-open {path, line}` and `search-focus`. */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { indexFor } from "../../lib/layout.js";
import { rowList } from "../../ui/row-list.js";
import { fillRow, newRow } from "./result-rows.js";

/** @import {VirtualList} from "../../ui/virtual-list.js" */
/** @import {ResultRow, RowElement, Search} from "./types.js" */

const FAR = 1_500; // columns beyond this may not be shown of a line

export class FinderResults extends HTMLElement {
  /** @type {VirtualList<ResultRow, RowElement>} */
  #list = /** @type {any} */ (null); // from when it is connected
  /** @type {Search | null} */
  #search = null;
  /** @type {string[]} */
  #terms = [];
  /** @type {{path?: string | null, line?: string}} */
  #open = {};

  connectedCallback() {
    render(this, html`<div class="result-view"><div class="results" role="listbox" aria-label="Found" data-testid="results"></div></div>`);
    const results = one(this, ".results");
    this.#list = rowList(one(this, ".result-view"), results, {
      make: newRow,
      fill: (element, row) => fillRow(element, row, { terms: this.#terms, isOpen: (each) => this.#isOpen(each) }),
      onEnd: (row) => row.kind === "more" && this.#search?.more(),
    });
    delegate(results, "click", ".result-row", (_, element) => this.#activate(this.#list.itemOf(element)));
    results.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /**
   * Show the rows of a search; `q` are the terms searched for in names.
   * @param {Search} search
   * @param {string} q
   */
  show(search, q) {
    const isNew = search !== this.#search;
    this.#search = search;
    this.#terms = q.toLowerCase().split(/\s+/).filter(Boolean);
    this.#list.show(search.rows, isNew);
  }

  /**
   * The file that is open: `{path, line}`.
   * @param {{path: string | null, line?: string}} open
   */
  set open(open) {
    this.#open = open;
    this.#list.refresh();
  }

  /** Give the focus to the row last used. */
  focusRow() {
    this.#list.focus(Math.max(0, this.#list.activeIndex));
  }

  /** @param {ResultRow} row */
  #isOpen(row) {
    if (row.kind === "more" || row.path !== this.#open.path) return false;
    return row.kind === "hit" ? String(row.hit.line) === this.#open.line : !this.#open.line;
  }

  /** @param {ResultRow | undefined} row */
  #activate(row) {
    if (!row || row.kind === "more") return;
    const hit = row.kind === "hit" ? row.hit : null;
    emit(this, "file-open", { path: row.path, line: hit?.line ?? null, column: hit && hit.column > FAR ? hit.column : null });
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = this.#list.activeIndex;
    const target = indexFor(event.key, index, { length: this.#list.items.length, page: this.#list.page });
    if (event.key === "ArrowUp" && index === 0) emit(this, "search-focus");
    else if (target !== undefined) this.#list.focus(target);
    else if (event.key === "Enter" || event.key === " ") this.#activate(this.#list.itemOf(/** @type {Element} */ (event.target)));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** Make the element known. */
export function register() {
  define("finder-results", FinderResults);
}
