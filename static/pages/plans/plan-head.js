/** The head of a plan: title, status, progress, current task, and what its files disagree about. */
import { UNKNOWN, count, dateTime, plural, sentenceCase } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { actionButtons } from "./control.js";
import { withoutId } from "./plan-model.js";
import { currentMark, labelOf, progressBar, runningMark, statusMark, worktreeMark } from "./statuses.js";
/** @import {PlanRow} from "../../lib/types.js" */
/** @import {Disagreement, Plan} from "./types.js" */

const COUNTED = /** @type {const} */ (["completed", "in_progress", "pending", "failed", "skipped"]);

/** @param {PlanRow} row @param {Plan | null} plan */
export function headOf(row, plan) {
  const { name, title, status, progress, path, lastUpdatedAt } = row;
  return html`<div class="plan-top">
      <a class="button icon-button back" href="${address({ page: "plans" })}" aria-label="All plans" title="All plans">${icon("back")}</a>
      <div class="plan-title"><h2 dir="auto" data-testid="plan-title">${title || name}</h2><p class="plan-facts">${statusMark(status)}${runningMark(row)}<span class="plan-path">${icon("file")}<code>${path}</code></span>${currentMark(row)}${worktreeMark(row)}${timeAgo(lastUpdatedAt)}</p></div>
      <div class="plan-control">${actionButtons(row)}</div></div>
    <div class="plan-progress"><strong class="plan-share" data-testid="plan-share">${progress ? `${progress.percentage} %` : UNKNOWN}</strong>${progressBar(progress, "Progress of the plan")}
      ${progress ? html`<ul class="plan-counts">${COUNTED.filter((each) => progress[each] > 0).map((each) => html`<li data-status="${each}"><a class="figure-link" href="${address({ page: "plans", item: name, query: { status: each } })}">${count(progress[each])} ${labelOf(each).toLowerCase()}</a></li>`)}</ul>` : html`<span class="faint">There is no status file: the plan file alone is shown.</span>`}</div>
    ${nowOf(row)}${plan ? differencesOf(plan) : null}`;
}

/** @param {PlanRow} row */
function nowOf({ name, currentTask: task }) {
  if (!task) return null;
  return html`<p class="plan-current" data-testid="plan-current">${icon("play")}<a href="${address({ page: "plans", item: name, query: { task: task.id } })}">${task.id}</a><span dir="auto">${withoutId(task.id, task.description)}</span><span class="faint">${timeAgo(task.startedAt, { form: "span", title: `Began ${dateTime(task.startedAt)}` })}</span></p>`;
}

/** @param {Plan} plan */
function differencesOf({ disagreementList: list, problemList: problems }) {
  if (list.length + problems.length === 0) return null;
  const sum = [list.length > 0 && plural(list.length, "disagreement"), problems.length > 0 && plural(problems.length, "problem")].filter(Boolean).join(", ");
  return html`<details class="plan-differences" data-testid="plan-differences"><summary>${icon("alert")}${sum} about this plan</summary>
    <ul>${list.map(differenceOf)}${problems.map((text) => html`<li>${icon("alert")}<span dir="auto">${text}</span></li>`)}</ul></details>`;
}

/** @param {Disagreement} found */
function differenceOf({ kind, text, statements }) {
  return html`<li>${icon("diff")}<div><strong>${sentenceCase(kind)}</strong> <span dir="auto">${text}</span>
    <dl>${statements.map(({ source, says, at }) => html`<div><dt>${sentenceCase(source)}</dt><dd dir="auto">${says}</dd><dd class="faint">${timeAgo(at)}</dd></div>`)}</dl></div></li>`;
}
