/**
 * The calls that pass the filters, newest first, a page at a time, each to be opened. Emits `query-change {changes}`,
 * `calls-page {cursor}` and `task-open {id}`.
 */
import { define, delegate, emit, keyed } from "../../lib/dom.js";
import { html, icon, render } from "../../lib/html.js";
import { exportAddress } from "./api.js";
import { HEADS, details, row } from "./call-columns.js";
import { panel, showProblem } from "../../ui/panel.js";
import { listenForTasks } from "../../ui/task-links.js";

const FORMATS = [
  ["csv", "CSV, for a spreadsheet"],
  ["json", "JSON, one document"],
  ["jsonl", "JSON lines, one call a line"],
];

export class CallsTable extends HTMLElement {
  #calls = [];
  #zone = null;
  #open = new Set(); // ids of the calls whose details are shown
  #cursors = [null]; // of the pages before and including the present one
  #next = null;

  connectedCallback() {
    render(this, frame());
    delegate(this, "click", ".row-toggle", (_, button) => this.#toggle(button.closest("tr").keyedBy));
    delegate(this, "click", ".narrow", (_, { name, value }) =>
      emit(this, "query-change", { changes: { [name]: value } }),
    );
    delegate(this, "click", ".newer", () => this.#turn(-1));
    delegate(this, "click", ".older", () => this.#turn(1));
    listenForTasks(this);
  }

  /** The filters element. */
  get filters() {
    return this.querySelector("calls-filters");
  }

  /** The cursor of the page that is shown; null is the first. */
  get cursor() {
    return this.#cursors.at(-1);
  }

  /** What is selected: begin at the first page, and export the same. */
  set selection(selection) {
    this.#cursors = [null];
    for (const link of this.querySelectorAll(".export a")) link.href = exportAddress(link.dataset.format, selection);
  }

  /** Show a page: the answer of the service and its time zone. */
  show({ calls, cursor }, zone) {
    this.#calls = calls;
    this.#next = cursor;
    this.#zone = zone;
    showProblem(this, null);
    this.#draw();
  }

  /** What went wrong when it was asked for. */
  set problem(error) {
    showProblem(this, error);
  }

  #draw() {
    this.querySelector(".nothing").hidden = this.#calls.length > 0;
    this.querySelector(".table-box").hidden = this.#calls.length === 0;
    const items = this.#calls.flatMap((call) => {
      const key = call.invocation_id;
      return this.#open.has(key)
        ? [
            { key, call },
            { key: `${key}\ndetails`, call, isDetails: true },
          ]
        : [{ key, call }];
    });
    const keyOf = ({ key }) => key;
    keyed(
      this.querySelector("tbody"),
      items,
      keyOf,
      () => document.createElement("tr"),
      (line, item) => this.#fill(line, item),
    );
    const page = this.#cursors.length;
    this.querySelector(".page-number").textContent = page > 1 || this.#next ? `Page ${page}` : "";
    this.querySelector(".newer").disabled = page === 1;
    this.querySelector(".older").disabled = !this.#next;
    this.querySelector(".pager").hidden = page === 1 && !this.#next;
  }

  #fill(line, { call, isDetails }) {
    const isOpen = this.#open.has(call.invocation_id);
    const state = `${this.#zone} ${isOpen} ${JSON.stringify(call)}`;
    if (line.state === state) return;
    const hadFocus = line.contains(document.activeElement);
    line.state = state;
    line.className = isDetails ? "call-details" : "call";
    if (isDetails) return render(line, html`<td colspan="${HEADS.length}">${details(call, this.#zone)}</td>`);
    line.dataset.testid = "call";
    line.dataset.status = call.status;
    render(line, row(call, { zone: this.#zone, isOpen }));
    if (hadFocus) line.querySelector("button").focus();
  }

  #toggle(id) {
    if (!this.#open.delete(id)) this.#open.add(id);
    this.#draw();
  }

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
        <ul>${FORMATS.map(([format, words]) => html`<li><a data-format="${format}" data-testid="export-${format}" href="${exportAddress(format, {})}" download>${words}</a></li>`)}</ul></div>`,
    body: html`<calls-filters></calls-filters>
      <p class="nothing">No call passes the filters.</p>
      <div class="table-box" tabindex="0" role="region" aria-label="Calls" hidden><table class="figures calls">
        <thead><tr>${HEADS.map(({ name, label }) => html`<th scope="col" class="c-${name}">${label}</th>`)}</tr></thead>
        <tbody></tbody>
      </table></div>
      <nav class="pager" aria-label="Pages of calls" hidden>
        <button type="button" class="button newer" data-testid="calls-newer">Newer</button><span class="page-number" role="status"></span>
        <button type="button" class="button older" data-testid="calls-older">Older</button>
      </nav>`,
  });
}
