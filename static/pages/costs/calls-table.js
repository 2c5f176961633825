/**
 * The calls that pass the filters, newest first, a page at a time, each to be opened. Emits `query-change {changes}`,
 * `calls-page {cursor}` and `task-open {id}`.
 */
/** @import {Call} from "../../lib/types.js" */
/** @import {Query} from "../../live/http.js" */
/** @import {CallsPage, Row, RowItem} from "./types.js" */
import { define, delegate, emit, keyed, one } from "../../lib/dom.js";
import { html, icon, render } from "../../lib/html.js";
import { exportAddress } from "./api.js";
import { COLUMNS, details, row } from "./call-columns.js";
import { panel, showProblem } from "../../ui/panel.js";
import { Sorting, sortHead } from "../../ui/sorting.js";
import { listenForTasks } from "../../ui/task-links.js";

const FORMATS = [
  ["csv", "CSV, for a spreadsheet"],
  ["json", "JSON, one document"],
  ["jsonl", "JSON lines, one call a line"],
];

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

  /** @type {Sorting<Call>} */
  #sorting = /** @type {any} */ (null); // until it is connected

  connectedCallback() {
    render(this, frame());
    const values = Object.fromEntries(COLUMNS.map(({ name, value }) => [name, value]));
    this.#sorting = new Sorting(this, values, () => this.#draw());
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
    /** @type {NodeListOf<HTMLAnchorElement>} */
    const links = this.querySelectorAll(".export a");
    for (const link of links) link.href = exportAddress(link.dataset.format, selection);
  }

  /**
   * Show a page: the answer of the service and its time zone.
   * @param {CallsPage} page
   * @param {string | null} zone
   */
  show({ calls, cursor }, zone) {
    this.#calls = calls;
    this.#next = cursor;
    this.#zone = zone;
    showProblem(this, null);
    this.#draw();
  }

  /** What went wrong when it was asked for. @param {Error} error */
  set problem(error) {
    showProblem(this, error);
  }

  #draw() {
    one(this, ".nothing").hidden = this.#calls.length > 0;
    one(this, ".table-box").hidden = this.#calls.length === 0;
    /** @type {RowItem[]} */
    const items = this.#sorting.sorted(this.#calls).flatMap((call) => {
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

function frame() {
  return panel({
    name: "calls",
    title: "Calls",
    controls: html`<button type="button" class="button" popovertarget="export-menu" data-testid="export">${icon("file")}Export</button>
      <div class="popover export" id="export-menu" popover><h4>What is filtered, as</h4>
        <ul>${FORMATS.map(([format, label]) => html`<li><a data-format="${format}" data-testid="export-${format}" href="${exportAddress(format, {})}" download>${label}</a></li>`)}</ul></div>`,
    body: html`<calls-filters></calls-filters>
      <p class="nothing">No call passes the filters.</p>
      <div class="table-box" tabindex="0" role="region" aria-label="Calls" hidden><table class="figures calls">
        <thead><tr>${COLUMNS.map((column) => sortHead({ ...column, title: `Sort the calls of this page by ${column.label.toLowerCase()}` }))}</tr></thead>
        <tbody></tbody>
      </table></div>
      <nav class="pager" aria-label="Pages of calls" hidden>
        <button type="button" class="button newer" data-testid="calls-newer">Newer</button><span class="page-number" role="status"></span>
        <button type="button" class="button older" data-testid="calls-older">Older</button>
      </nav>`,
  });
}
