/** A pipeline as a row of the list. */
import { plural, sentenceCase } from "../../lib/format.js";
import { element, html, icon, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { nameOf, placeOf, statusMark, typeOf } from "./statuses.js";
import { dotsOf, stepNow } from "./steps.js";
import { runTime, staleMark } from "./ticking.js";
/** @import {Pipeline} from "../../lib/types.js" */
/** @typedef {HTMLElement & {shown?: string}} Row */

/** @returns {Row} */
export function makeRow() {
  return element(html`<li class="pipe-row" data-testid="pipeline"></li>`);
}

/**
 * Show a pipeline, unless it is shown already. What goes on by itself is no change.
 * @param {Row} row
 * @param {Pipeline} pipeline
 * @param {number} stale_after_s
 */
export function fillRow(row, pipeline, stale_after_s) {
  const shown = JSON.stringify([{ ...pipeline, duration_s: null, is_stale: null }, stale_after_s]);
  if (row.shown === shown) return;
  const hadFocus = row.contains(document.activeElement);
  row.shown = shown;
  Object.assign(row.dataset, { pipeline: pipeline.id, status: pipeline.status });
  render(row, rowOf(pipeline, stale_after_s));
  if (hadFocus) row.querySelector("a")?.focus();
}

/** The dots of all steps, each with its name for who cannot see them. @param {Record<string, string>} step_statuses */
export function stepDots(step_statuses) {
  const dots = dotsOf(step_statuses);
  if (dots.length === 0) return null;
  return html`<ol class="step-dots" aria-label="Steps" data-testid="step-dots">${dots.map(
    ({ name, status, sign, label }) => html`<li data-status="${status}" data-step="${name}" title="${label}">${icon(sign)}<span class="off-screen">${label}</span></li>`,
  )}</ol>`;
}

/** @param {Pipeline} pipeline @param {number} stale_after_s */
function rowOf(pipeline, stale_after_s) {
  const { id, project, branch, triggered_by, problem } = pipeline;
  const facts = [
    typeOf(pipeline),
    project ? html`${icon("folder")}<bdi>${project}</bdi>` : null,
    branch ? html`${icon("code")}<bdi>${branch}</bdi>` : null,
    triggered_by ? html`${icon("user")}<bdi>${triggered_by}</bdi>` : null,
  ];
  return html`<div class="pipe-marks">${statusMark(pipeline.status)}${staleMark(pipeline, stale_after_s)}</div>
    <div class="pipe-what"><a class="pipe-link whole-link" href="${address({ page: "pipelines", item: id })}"><bdi>${nameOf(pipeline)}</bdi></a>
      <p class="pipe-facts">${facts.filter((fact) => fact !== null).map((fact) => html`<span>${fact}</span>`)}</p>
      ${problem ? html`<p class="pipe-problem" data-testid="pipeline-problem"><code>${pipeline.path}</code> ${placeOf(problem)}: ${problem.message}</p>` : null}</div>
    <div class="pipe-steps">${stepDots(pipeline.step_statuses)}${stepText(pipeline)}</div>
    <div class="pipe-times">${problem ? null : html`<span class="pipe-length">${runTime(pipeline)}</span>`}<span class="pipe-age">${timeAgo(pipeline.created_at)}</span></div>`;
}

/** What it is at, in words. @param {Pipeline} pipeline */
function stepText({ step_statuses, jobs, status }) {
  if (status === "broken") return null;
  const step = stepNow(step_statuses);
  return html`<span class="pipe-now">${[step ? sentenceCase(step) : null, plural(jobs, "job")].filter(Boolean).join(" · ")}</span>`;
}
