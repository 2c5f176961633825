/** The jobs as a list whose columns sort: `jobs-table`. */
import { define, keyed, one } from "../../lib/dom.js";
import { UNKNOWN, count, dateTime, moment, money } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { Sorting, sortHead } from "../../ui/sorting.js";
import { durationOf, statusMark, titleOf } from "./job-facts.js";
import { exitText, phaseLabel } from "./statuses.js";
/** @import {Job} from "../../lib/types.js" */
/** @typedef {HTMLTableRowElement & {shown?: string}} Row */

const MOST_ROWS = 500;

/** @type {{name: string, label: string, isNumber?: boolean, value: (job: Job) => string | number | null, cell: (job: Job) => unknown}[]} */
const COLUMNS = [
  { name: "job", label: "Job", value: titleOf, cell: nameCell },
  { name: "project", label: "Project", value: ({ project }) => project, cell: ({ project }) => html`<bdi>${project}</bdi>` },
  { name: "status", label: "Status", value: ({ status }) => status, cell: statusMark },
  { name: "phase", label: "Phase", value: ({ current_phase: phase }) => phase, cell: ({ current_phase: phase }) => phaseLabel(phase) },
  { name: "lines", label: "Lines", isNumber: true, value: (job) => job.lines_written, cell: ({ lines_written: lines }) => (lines === null ? UNKNOWN : count(lines)) },
  { name: "rate", label: "Lines/h", isNumber: true, value: (job) => job.lines_per_hour, cell: ({ lines_per_hour: rate }) => (rate === null ? UNKNOWN : count(rate)) },
  { name: "cost", label: "Cost", isNumber: true, value: (job) => job.cost_usd, cell: (job) => money(job.cost_usd) },
  { name: "time", label: "Time", isNumber: true, value: lengthOf, cell: (job) => durationOf(job) ?? UNKNOWN },
  { name: "exit", label: "Exit", isNumber: true, value: (job) => job.exit_code, cell: (job) => exitText(job) ?? UNKNOWN },
  { name: "created", label: "Created", isNumber: true, value: ({ created_at: at }) => (at ? moment(at) : null), cell: ({ created_at: at }) => timeAgo(at, { title: dateTime(at) }) },
];

export class JobsTable extends HTMLElement {
  /** @type {Job[]} */
  #jobs = [];
  /** @type {Sorting<Job>} */
  #sorting = /** @type {any} */ (null); // until it is connected

  connectedCallback() {
    if (this.#sorting) return;
    render(this, html`<div class="table-box" tabindex="0" role="region" aria-label="Jobs"><table class="job-rows"><thead><tr>${COLUMNS.map(sortHead)}</tr></thead><tbody></tbody></table></div><p class="nil" hidden></p>`);
    const values = Object.fromEntries(COLUMNS.map(({ name, value }) => [name, value]));
    this.#sorting = new Sorting(this, values, () => this.show(this.#jobs));
  }

  /** @param {Job[]} jobs */
  show(jobs) {
    this.#jobs = jobs;
    const shown = this.#sorting.sorted(jobs).slice(0, MOST_ROWS);
    keyed(one(this, "tbody"), shown, ({ id }) => id, () => /** @type {Row} */ (document.createElement("tr")), fill);
    const nil = one(this, ".nil");
    nil.hidden = jobs.length > 0 && jobs.length <= MOST_ROWS;
    nil.textContent = jobs.length > 0 ? `The first ${count(MOST_ROWS)} of ${count(jobs.length)}: filter to see others.` : "No job passes the filters.";
  }
}

/** Make the element known. */
export function register() {
  define("jobs-table", JobsTable);
}

/** @param {Row} row @param {Job} job */
function fill(row, job) {
  const shown = JSON.stringify(job);
  if (row.shown === shown) return;
  const hadFocus = row.contains(document.activeElement);
  row.shown = shown;
  Object.assign(row.dataset, { testid: "job-row", job: job.id, status: job.status });
  render(row, html`${COLUMNS.map(({ name, label, isNumber, cell }) => html`<td class="c-${name}" data-label="${isNumber ? label.toLowerCase() : ""}">${cell(job)}</td>`)}`);
  if (hadFocus) row.querySelector("a")?.focus();
}

/** @param {Job} job */
function nameCell(job) {
  const { id, waiting_for_input: asks, status } = job;
  const mark = status === "in_progress" && asks !== null && asks !== undefined ? html`<span class="chip warning" title="${asks}">${icon("alert")}input</span>` : null;
  return html`<a class="job-name" dir="auto" href="${address({ page: "jobs", item: id })}">${titleOf(job)}</a> ${mark}<code class="job-id">${id}</code>`;
}

/** @param {Job} job */
function lengthOf({ status, started_at: from, finished_at: to }) {
  const end = to ? moment(to) : status === "in_progress" ? Date.now() : null;
  return from && end !== null ? end - moment(from) : null;
}
