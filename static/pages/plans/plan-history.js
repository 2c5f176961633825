/** The runs of a plan, and what happened in it lately. */
import { UNKNOWN, count, dateTime, duration, moment } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { panel } from "../../ui/panel.js";
import { withoutId } from "./plan-model.js";
import { statusMark } from "./statuses.js";
/** @import {Activity, Plan, PlanRun} from "./types.js" */

/** @param {Plan} plan */
export function historyOf({ name, runs, recentActivity }) {
  return html`${panel({ name: "plan-activity", title: "Activity", note: "The latest changes of its tasks", body: activityOf(name, recentActivity) })}
    ${panel({ name: "plan-runs", title: "Runs", note: "As the orchestrator wrote them, the latest first", body: runsOf(runs) })}`;
}

/** @param {string} plan @param {Activity[]} activity */
function activityOf(plan, activity) {
  if (activity.length === 0) return html`<p class="nil">Nothing has happened yet.</p>`;
  return html`<ol class="activity-rows">${activity.map(({ time, task, description, status }) => html`<li data-testid="plan-activity-row">${statusMark(status)}<a href="${address({ page: "plans", item: plan, query: { task } })}">${task}</a><span class="activity-what" dir="auto">${withoutId(task, description)}</span>${timeAgo(time)}</li>`)}</ol>`;
}

/** @param {PlanRun[]} runs */
function runsOf(runs) {
  if (runs.length === 0) return html`<p class="nil">No run is in the status file.</p>`;
  return html`<div class="table-box" tabindex="0" role="region" aria-label="Runs"><table class="run-rows stacked"><thead><tr><th scope="col">Run</th><th scope="col">Started</th><th scope="col">Time</th><th scope="col">Completed</th><th scope="col">Failed</th></tr></thead>
    <tbody>${[...runs].reverse().map(({ runId, startedAt, completedAt, tasksCompleted, tasksFailed }) => html`<tr data-testid="plan-run"><td><code>${runId}</code></td><td data-label="started">${startedAt ? dateTime(startedAt) : UNKNOWN}</td><td data-label="time">${lengthOf(startedAt, completedAt)}</td><td data-label="completed">${figure(tasksCompleted)}</td><td data-label="failed">${figure(tasksFailed)}</td></tr>`)}</tbody></table></div>`;
}

/** @param {string | null} from @param {string | null} to */
function lengthOf(from, to) {
  if (!to) return "never said to be over";
  const length = moment(to) - moment(from);
  return length >= 0 ? duration(length) : UNKNOWN;
}

const figure = (/** @type {number | null} */ number) => (number === null ? UNKNOWN : count(number));
