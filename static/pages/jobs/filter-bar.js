/** The heading of all jobs: how many, filters, board or list, and the button that starts one. */
import { html, icon } from "../../lib/html.js";
import { segments } from "../../ui/segments.js";
import { fillSelect, select } from "../../ui/select.js";
import { STATUSES } from "./statuses.js";
/** @import {Job} from "../../lib/types.js" */
/** @import {JobFilter} from "../../stores/jobs.js" */
/** @import {Choice} from "../../ui/select.js" */

export function filterFrame() {
  const shows = [
    { value: "board", label: "Board" },
    { value: "list", label: "List" },
  ];
  return html`<header class="jobs-head">
    <h2>Jobs</h2><span class="jobs-sum" role="status" data-testid="jobs-sum"></span>
    <span class="jobs-filters">
      ${select({ name: "project", label: "Project", testid: "jobs-project" })}${select({ name: "status", label: "Status", testid: "jobs-status" })}${select({ name: "user", label: "User", testid: "jobs-user" })}
      ${segments({ name: "jobs-show", label: "Shown as", choices: shows })}
      <button type="button" class="button primary start-job" data-testid="start-job">${icon("plus")}Start a job</button>
    </span>
  </header>
  <div class="jobs-ask" data-testid="jobs-ask" hidden></div>
  <details class="jobs-off" data-testid="jobs-off" hidden><summary>Control is off: nothing can be started from here</summary><div></div></details>`;
}

/**
 * Offer what there is to filter by.
 * @param {HTMLElement} root
 * @param {Job[]} jobs
 * @param {JobFilter} filter
 */
export function fillFilters(root, jobs, filter) {
  const names = (/** @type {(job: Job) => string | null} */ of, /** @type {string | undefined} */ chosen) =>
    [...new Set([...jobs.map(of), chosen ?? null])].filter((name) => name !== null).sort().map((name) => /** @type {Choice} */ ([name, name]));
  const statuses = Object.entries(STATUSES).map(([name, { label }]) => /** @type {Choice} */ ([name, label]));
  const list = (/** @type {string} */ name) => /** @type {HTMLSelectElement} */ (root.querySelector(`.jobs-filters [name=${name}]`));
  const users = names(({ user }) => user, filter.user);
  fillSelect(list("project"), { choices: names(({ project }) => project, filter.project), value: filter.project ?? "", any: "All projects" });
  fillSelect(list("status"), { choices: statuses, value: filter.status ?? "", any: "All statuses" });
  fillSelect(list("user"), { choices: users, value: filter.user ?? "", any: "All users" });
  list("user").hidden = users.length === 0;
}
