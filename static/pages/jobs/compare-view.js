/** Two runs side by side: `compare-view`. What differs is marked. */
import { define } from "../../lib/dom.js";
import { html, icon, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { state } from "../../ui/state.js";
import * as api from "./api.js";
import { comparedRows } from "./compared-rows.js";
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
  const rows = comparedRows(left, right);
  const areOfOneJob = left.job === right.job;
  return html`<header class="job-top"><a class="button icon-button back" href="${address({ page: "jobs", item: job, query: { tab: "runs" } })}" aria-label="Back to the job" title="Back to the job">${icon("back")}</a><h2>Two runs</h2></header>
    <div class="table-box"><table class="compare" data-testid="compare-table"><thead><tr><td></td>${[left, right].map(({ run, job: id, attempt }) => html`<th scope="col"><a href="${address({ page: "jobs", item: id, query: { run } })}">Run ${attempt}</a>${areOfOneJob ? null : html` <span class="faint">${id}</span>`}</th>`)}<th scope="col">Difference</th></tr></thead>
    <tbody>${rows.map(({ label, one, other, difference }) => html`<tr ${one !== other ? html`data-differs` : null}><th scope="row">${label}</th><td>${one}</td><td>${other}</td><td class="difference">${difference}</td></tr>`)}</tbody></table></div>`;
}
