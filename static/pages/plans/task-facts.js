/** All that is known of one task. */
import { UNKNOWN, dateTime, latency } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { lengthOf, withoutId } from "./plan-model.js";
import { statusMark } from "./statuses.js";
/** @import {Markup, PlanTask} from "../../lib/types.js" */
/** @import {Plan} from "./types.js" */

/** @param {Plan} plan @param {PlanTask} task */
export function taskOf(plan, task) {
  const { id, description, status, phase, startedAt, completedAt, retryCount, notes, error, lastError, findingsPath, dependencies, dependents, executionConstraints, line } = task;
  const length = lengthOf(task);
  const at = (/** @type {Record<string, string>} */ query) => address({ page: "plans", item: plan.name, query });
  const links = (/** @type {string[]} */ ids) => ids.map((each) => html`<a class="tag" href="${at({ task: each })}">${each}</a> `);
  const phaseName = plan.phases.find(({ key }) => key === phase)?.name ?? phase;
  /** @type {[string, unknown][]} */
  const facts = [
    ["Phase", html`<span dir="auto">${phaseName}</span>`],
    ["Started", startedAt ? html`${dateTime(startedAt)} <span class="faint">${timeAgo(startedAt)}</span>` : UNKNOWN],
    ["Completed", completedAt ? dateTime(completedAt) : UNKNOWN],
    ["Duration", length === null ? (status === "in_progress" && startedAt ? timeAgo(startedAt, { form: "span" }) : UNKNOWN) : latency(length)],
    ["Retries", retryCount],
    ["Line", line === null ? "not in the plan file" : line],
  ];
  return html`<header class="chosen-head"><h3>${statusMark(status)}<span class="task-id">${id}</span></h3><a class="button icon-button" href="${at({})}" aria-label="Close the task" title="Close the task">${icon("close")}</a></header>
    <p class="chosen-text" dir="auto">${withoutId(id, description)}</p>
    <p class="chosen-links">${findingsPath ? html`<a class="button" href="${at({ tab: "findings", task: id })}" data-testid="task-findings">${icon("file")}Findings</a>` : null}<a class="button" href="${at({ tab: "graph", task: id })}" data-testid="task-graph">${icon("link")}In the graph</a></p>
    ${textOf("Error", error, "bad")}${lastError !== error ? textOf("Last error", lastError, "bad") : null}${textOf("Notes", notes, "")}${textOf("Constraints", constraintText(executionConstraints), "")}
    <dl class="chosen-facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
      ${dependencies.length > 0 ? html`<div><dt>Waits for</dt><dd>${links(dependencies)}</dd></div>` : null}${dependents.length > 0 ? html`<div><dt>Is waited for by</dt><dd>${links(dependents)}</dd></div>` : null}</dl>`;
}

/** @param {string} label @param {string | null} text @param {string} tone @returns {Markup | null} */
function textOf(label, text, tone) {
  return text ? html`<div class="chosen-note" data-tone="${tone}"><h4>${label}</h4><pre dir="auto">${text}</pre></div>` : null;
}

/** @param {unknown} value */
function constraintText(value) {
  if (value === null || value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}
