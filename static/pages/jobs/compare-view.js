/** Two runs side by side: `compare-view`. What differs is marked. */
import { define } from "../../lib/dom.js";
import { UNKNOWN, count, dateTime, duration, money } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { state } from "../../ui/state.js";
import * as api from "./api.js";
import { exitText, phaseLabel } from "./statuses.js";
/** @import {RunFigures} from "./types.js" */

export class CompareView extends HTMLElement {
  #shown = "";

  /** @param {string} left @param {string} right @param {string} job */
  async show(left, right, job) {
    const wanted = `${left} ${right}`;
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    render(this, state({ isWaiting: true, text: "Comparing…" }));
    try {
      const answer = await api.compareRuns(left, right);
      if (wanted === this.#shown) render(this, tableOf(answer.left, answer.right, job));
    } catch (error) {
      if (wanted !== this.#shown) return;
      this.#shown = "";
      render(this, state({ name: "compare-failed", sign: "alert", isAlert: true, title: "The runs cannot be compared", text: /** @type {Error} */ (error).message }));
    }
  }
}

/** Make the element known. */
export function register() {
  define("compare-view", CompareView);
}

/** @param {RunFigures} left @param {RunFigures} right @param {string} job */
function tableOf(left, right, job) {
  const others = rowsOf(right);
  const rows = rowsOf(left).map(([label, one], index) => /** @type {[string, string, string]} */ ([label, one, others[index][1]]));
  for (const phase of new Set([...Object.keys(left.phase_s), ...Object.keys(right.phase_s)])) rows.push([`Phase ${phaseLabel(phase)}`, timeOf(left.phase_s[phase]), timeOf(right.phase_s[phase])]);
  return html`<header class="job-top"><a class="button icon-button back" href="${address({ page: "jobs", item: job, query: { tab: "runs" } })}" aria-label="Back to the job" title="Back to the job">${icon("back")}</a><h2>Two runs</h2></header>
    <div class="table-box"><table class="compare" data-testid="compare-table"><thead><tr><td></td>${[left, right].map(({ run, job: id, attempt }) => html`<th scope="col"><a href="${address({ page: "jobs", item: id, query: { run } })}">Run ${attempt}</a> <span class="faint">${id}</span></th>`)}</tr></thead>
    <tbody>${rows.map(([label, one, other]) => html`<tr ${one !== other ? html`data-differs` : null}><th scope="row">${label}</th><td>${one}</td><td>${other}</td></tr>`)}</tbody></table></div>`;
}

/** @param {RunFigures} figures @returns {[string, string][]} */
function rowsOf({ exit, status, started_at: from, duration_s: length, lines_written: lines, log_lines: log, levels, cost_usd: cost, profile }) {
  const known = (/** @type {number | null | undefined} */ value) => (value === null || value === undefined ? UNKNOWN : count(value));
  return [
    ["Started", dateTime(from)],
    ["Time", timeOf(length)],
    ["End", exit ? (exitText({ exit_code: exit.code, exit_signal: exit.signal, exit_reason: exit.reason }) ?? exit.reason) : status],
    ["Lines written", known(lines)],
    ["Log lines", known(log)],
    ["Errors", known(levels.error ?? 0)],
    ["Warnings", known(levels.warning ?? 0)],
    ["Cost", money(cost)],
    ["Profile", profile],
  ];
}

/** @param {number | null | undefined} seconds */
function timeOf(seconds) {
  if (seconds === null || seconds === undefined) return UNKNOWN;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : duration(seconds * 1000);
}
