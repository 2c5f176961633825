/** All orchestrators, and what happened lately in all plans, as markup. */
import { UNKNOWN, dateTime, sentenceCase } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { state } from "../../ui/state.js";
import { CONTROL_OFF } from "./control.js";
import { lifeMark } from "./orchestrator-facts.js";
import { withoutId } from "./plan-model.js";
import { statusMark } from "./statuses.js";
/** @import {Activity, Overview} from "./types.js" */

const MOST_ROWS = 500;

/** In place of orchestrators that the service did not name. */
export function unknownOrchestrators() {
  return state({ name: "orchestrators-unavailable", isPart: true, sign: "stop", title: "Orchestrators are not known", text: "The service did not say which there are." });
}

/** @param {Overview | null} known */
export function orchestratorsOf(known) {
  if (known === null) return unknownOrchestrators();
  const { orchestrators, control, start, problem } = known;
  const note = control ? (start.allowed ? null : start.reason) : CONTROL_OFF;
  const notes = html`${note ? html`<p class="more-note" data-testid="control-note">${note}</p>` : null}${problem ? html`<p class="more-note is-bad">${problem}</p>` : null}`;
  if (orchestrators.length === 0) return html`${notes}${state({ name: "no-orchestrators", isPart: true, sign: "play", title: "No orchestrators yet", text: "One appears here when a plan is started, or when one registers itself." })}`;
  return html`${notes}<section class="panel" aria-label="Orchestrators"><div class="table-box" tabindex="0" role="region" aria-label="List of orchestrators"><table class="plan-table stacked"><thead><tr><th scope="col">Plan</th><th scope="col">Status</th><th scope="col">Mode</th><th scope="col">Process</th><th scope="col">Since</th><th scope="col">Heartbeat</th></tr></thead>
    <tbody>${orchestrators.slice(0, MOST_ROWS).map((one) => html`<tr data-testid="orchestrator-row" data-plan="${one.plan}"><td class="is-wide"><a href="${address({ page: "plans", item: one.plan, query: { tab: "orchestrator" } })}" dir="auto">${one.plan || one.id}</a></td><td><span class="life-cell">${lifeMark(one)}</span></td><td data-label="mode">${one.mode ? sentenceCase(one.mode) : UNKNOWN}</td><td data-label="process">${one.pid ?? UNKNOWN}</td><td data-label="since">${one.started_at ? dateTime(one.started_at) : UNKNOWN}</td><td data-label="heartbeat">${timeAgo(one.last_heartbeat) ?? UNKNOWN}</td></tr>`)}</tbody></table></div></section>`;
}

/** @param {Activity[]} activity */
export function activityOf(activity) {
  if (activity.length === 0) return state({ name: "no-activity", isPart: true, sign: "activity", title: "Nothing has happened yet" });
  return html`<ol class="activity-rows of-all">${activity.map(({ time, plan, task, description, status }) => html`<li data-testid="activity-row">${statusMark(status)}<span class="activity-of"><a href="${address({ page: "plans", item: plan })}" dir="auto">${plan}</a> <a class="task-id" href="${address({ page: "plans", item: plan, query: { task } })}">${task}</a></span><span class="activity-what" dir="auto">${withoutId(task, description)}</span>${timeAgo(time)}</li>`)}</ol>`;
}
