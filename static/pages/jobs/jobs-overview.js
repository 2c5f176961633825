/** All jobs, as a board or as a list, those that pass the filters of the address: `jobs-overview`. */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { plural } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { effect } from "../../lib/signals.js";
import { state } from "../../ui/state.js";
import { control, howToSwitchOn } from "./control.js";
import { fillFilters, filterFrame } from "./filter-bar.js";
import * as jobsBoard from "./jobs-board.js";
import * as jobsTable from "./jobs-table.js";
/** @import {Job} from "../../lib/types.js" */
/** @import {Jobs} from "../../stores/jobs.js" */

export class JobsOverview extends HTMLElement {
  #asks = "";

  connectedCallback() {
    if (this.firstChild) return;
    render(this, html`${filterFrame()}<div class="jobs-none" hidden></div><jobs-board></jobs-board><jobs-table hidden></jobs-table>`);
    delegate(this, "change", "select", (_, /** @type {HTMLSelectElement} */ { name, value }) => emit(this, "query-change", { changes: { [name]: value || null } }));
    this.addEventListener("segment-choose", ({ detail: { value } }) => emit(this, "query-change", { changes: { show: value === "list" ? "list" : null } }));
    effect(() => {
      const off = one(this, ".jobs-off");
      off.hidden = control.value.isOn !== false;
      const place = one(off, "div");
      if (!off.hidden && !place.firstChild) render(place, howToSwitchOn());
    });
  }

  /** @param {Jobs} jobs @param {Record<string, string>} query */
  show(jobs, query) {
    const all = jobs.list();
    const shown = jobs.list(query);
    fillFilters(this, all, query);
    /** @type {import("../../ui/segments.js").SegmentGroup} */ (one(this, "segment-group")).value = query.show === "list" ? "list" : "board";
    one(this, ".jobs-sum").textContent = sumOf(all, shown);
    this.#ask(jobs.waiting);
    const isEmpty = all.length === 0;
    const none = one(this, ".jobs-none");
    none.hidden = !isEmpty;
    if (isEmpty && !none.firstChild) render(none, empty());
    const [board, table] = [/** @type {jobsBoard.JobsBoard} */ (one(this, "jobs-board")), /** @type {jobsTable.JobsTable} */ (one(this, "jobs-table"))];
    board.hidden = isEmpty || query.show === "list";
    table.hidden = isEmpty || query.show !== "list";
    if (!board.hidden) board.show(shown);
    if (!table.hidden) table.show(shown);
  }

  /** Who waits for a person comes before all else. @param {Job[]} waiting */
  #ask(waiting) {
    const place = one(this, ".jobs-ask");
    place.hidden = waiting.length === 0;
    const markup = html`${waiting.map(({ id, waiting_for_input: asks }) => html`<p class="job-asks">${icon("alert")}<span><a href="${address({ page: "jobs", item: id })}">${id}</a> <strong>waits for your input</strong> ${asks}</span></p>`)}`;
    if (markup.text !== this.#asks) render(place, markup);
    this.#asks = markup.text;
  }
}

/** Make the elements known. */
export function register() {
  jobsBoard.register();
  jobsTable.register();
  define("jobs-overview", JobsOverview);
}

/** @param {Job[]} all @param {Job[]} shown */
function sumOf(all, shown) {
  const running = all.filter(({ status }) => status === "in_progress").length;
  const filtered = shown.length < all.length ? `${shown.length} of ` : "";
  return all.length > 0 ? `${filtered}${plural(all.length, "job")}, ${running} running` : "";
}

function empty() {
  return state({
    name: "no-jobs",
    sign: "play",
    title: "No jobs yet",
    text: html`A job runs a program on a project and shows its phases, lines and log. <code>llm-service demo</code> shows three of them; a file in <code>work/jobs</code> appears here too.`,
  });
}
