/**
 * The calls that pass the filters, in the order of a column, a page at a time, each to be opened. Emits `query-change {changes}`,
 * `calls-page {cursor}` and `task-open {id}`.
 */
/** @import {Call} from "../../lib/types.js" */
/** @import {Query} from "../../live/http.js" */
/** @import {CallsPage, Row, RowItem} from "./types.js" */
import { define, delegate, emit, keyed, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { HttpError } from "../../live/http.js";
import { exportAddress } from "./api.js";
import { COLUMNS, details, row } from "./call-columns.js";
import { frame } from "./calls-frame.js";
import { showProblem } from "../../ui/panel.js";
import { SortHeads } from "../../ui/sorting.js";
import { listenForTasks } from "../../ui/task-links.js";

export class CallsTable extends HTMLElement {
  /** @type {Call[]} */
  #calls = [];
  /** @type {string | null} */
  #zone = null;
  /** @type {Set<string>} */
  #open = new Set(); // ids of the calls whose details are shown
  /** @type {(string | null)[]} */
  #cursors = [null]; // of the pages before and including the present one
  /** @type {string | null} */
  #next = null;
  /** While another page is asked for, which alone says what follows it: the cursors of the one that is shown. @type {(string | null)[] | null} */
  #leaving = null;

  /** @type {SortHeads} */
  #heads = /** @type {any} */ (null); // until it is connected

  connectedCallback() {
    render(this, frame());
    this.#heads = new SortHeads(this, () => this.#reorder());
    delegate(this, "click", ".row-toggle", (_, /** @type {HTMLElement} */ button) =>
      this.#toggle(/** @type {Row} */ (button.closest("tr")).keyedBy),
    );
    delegate(this, "click", ".narrow", (_, /** @type {HTMLButtonElement} */ { name, value }) =>
      emit(this, "query-change", { changes: { [name]: value } }),
    );
    delegate(this, "click", ".newer", () => this.#turn(-1));
    delegate(this, "click", ".older", () => this.#turn(1));
    listenForTasks(this);
  }

  /** The filters element. @returns {import("./calls-filters.js").CallsFilters} */
  get filters() {
    return one(this, "calls-filters");
  }

  /** The cursor of the page that is shown; null is the first. */
  get cursor() {
    return this.#cursors.at(-1) ?? null;
  }

  /** What is selected: begin at the first page, and export the same. @param {Query} selection */
  set selection(selection) {
    this.#cursors = [null];
    this.#leaving = null;
    /** @type {NodeListOf<HTMLAnchorElement>} */
    const links = this.querySelectorAll(".export a");
    for (const link of links) link.href = exportAddress(link.dataset.format, selection);
  }

  /**
   * By what column all of them are sorted, by the service; null: newest first.
   * @param {{sort: string | null, isDown: boolean}} order
   */
  set order({ sort, isDown }) {
    this.#heads.set(sort, isDown);
    one(this, ".newer").textContent = sort === null ? "Newer" : "Previous";
    one(this, ".older").textContent = sort === null ? "Older" : "Next";
  }

  /**
   * Show a page: the answer of the service and its time zone.
   * @param {CallsPage} page
   * @param {string | null} zone
   */
  show({ calls, cursor }, zone) {
    this.#calls = calls;
    this.#next = cursor;
    this.#leaving = null;
    this.#zone = zone;
    showProblem(this, null);
    this.#draw();
  }

  /** What went wrong when it was asked for. @param {Error} error */
  set problem(error) {
    this.#cursors = this.#leaving ?? this.#cursors;
    this.#leaving = null;
    if (error instanceof HttpError && error.code === "TOO_MANY_TO_SORT") this.#tooMany(error);
    else showProblem(this, error);
  }

  /**
   * Rows in another order than the heads say would be a lie: back to the one that is always possible.
   * @param {Error} error
   */
  #tooMany({ message }) {
    this.#note(message);
    emit(this, "query-change", { changes: { sort: "", order: "" } });
  }

  #reorder() {
    const { name, isDown } = this.#heads;
    this.#note("");
    emit(this, "query-change", { changes: { sort: name, order: name === null || isDown ? "" : "asc" } });
  }

  /** @param {string} text */
  #note(text) {
    one(this, ".sort-note").hidden = text === "";
    one(this, ".sort-note").textContent = text;
  }

  #draw() {
    one(this, ".nothing").hidden = this.#calls.length > 0;
    one(this, ".table-box").hidden = this.#calls.length === 0;
    /** @type {RowItem[]} */
    const items = this.#calls.flatMap((call) => {
      const key = call.invocation_id;
      return this.#open.has(key)
        ? [
            { key, call },
            { key: `${key}\ndetails`, call, isDetails: true },
          ]
        : [{ key, call }];
    });
    const keyOf = (/** @type {RowItem} */ { key }) => key;
    keyed(
      one(this, "tbody"),
      items,
      keyOf,
      () => /** @type {Row} */ (document.createElement("tr")),
      (line, item) => this.#fill(line, item),
    );
    const page = this.#cursors.length;
    one(this, ".page-number").textContent = page > 1 || this.#next ? `Page ${page}` : "";
    /** @type {HTMLButtonElement} */ (one(this, ".newer")).disabled = page === 1;
    /** @type {HTMLButtonElement} */ (one(this, ".older")).disabled = !this.#next;
    one(this, ".pager").hidden = page === 1 && !this.#next;
  }

  /**
   * @param {Row} line
   * @param {RowItem} item
   */
  #fill(line, { call, isDetails }) {
    const isOpen = this.#open.has(call.invocation_id);
    const state = `${this.#zone} ${isOpen} ${JSON.stringify(call)}`;
    if (line.state === state) return;
    const hadFocus = line.contains(document.activeElement);
    line.state = state;
    line.className = isDetails ? "call-details" : "call";
    if (isDetails) return render(line, html`<td colspan="${COLUMNS.length}">${details(call, this.#zone)}</td>`);
    line.dataset.testid = "call";
    line.dataset.status = call.status;
    render(line, row(call, { zone: this.#zone, isOpen }));
    if (hadFocus) one(line, "button").focus();
  }

  /** @param {string} id */
  #toggle(id) {
    if (!this.#open.delete(id)) this.#open.add(id);
    this.#draw();
  }

  /** @param {-1 | 1} step */
  #turn(step) {
    if (this.#leaving !== null) return;
    this.#leaving = [...this.#cursors];
    if (step > 0) this.#cursors.push(this.#next);
    else this.#cursors.pop();
    this.#open.clear();
    emit(this, "calls-page", { cursor: this.cursor });
  }
}

/** Make the element known. */
export function register() {
  define("calls-table", CallsTable);
}
