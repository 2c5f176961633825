/** The steps of a pipeline as columns, with their jobs as cards. */
import { keyed, one } from "../../lib/dom.js";
import { plural, sentenceCase } from "../../lib/format.js";
import { element, html, icon, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { agentMark } from "../../ui/agent-mark.js";
import { statusMark } from "./statuses.js";
import { runTime } from "./ticking.js";
/** @import {PipelineJob, PipelineStep} from "./types.js" */
/** @typedef {HTMLElement & {shown?: string}} Filled */

/**
 * Show the steps in `place`; what is shown already stays, with the focus that it may have.
 * @param {Element} place
 * @param {string} pipeline
 * @param {PipelineStep[]} steps
 */
export function fillColumns(place, pipeline, steps) {
  keyed(place, steps, ({ name }) => name, makeColumn, (column, step) => fillColumn(column, pipeline, step));
}

/** The score of a job, of 100; nothing if it has none. @param {number | null} score */
export function scoreMark(score) {
  if (score === null || score === undefined) return null;
  const level = score >= 80 ? "good" : score >= 50 ? "fair" : "poor";
  return html`<span class="score" data-level="${level}" title="Score: ${score} of 100" data-testid="score"><span class="off-screen">Score </span>${score}</span>`;
}

/** How often it was tried, if more than once. @param {number} attempt */
export function attemptMark(attempt) {
  return attempt > 1 ? html`<span class="chip attempt" title="It was tried ${attempt} times" data-testid="attempt">attempt ${attempt}</span>` : null;
}

/** @returns {Filled} */
function makeColumn() {
  return element(html`<section class="step-column" data-testid="step"><header></header><ol class="pipe-jobs"></ol><p class="nil" hidden></p></section>`);
}

/** @param {Filled} column @param {string} pipeline @param {PipelineStep} step */
function fillColumn(column, pipeline, { jobs, ...step }) {
  Object.assign(column.dataset, { step: step.name, status: step.status });
  column.setAttribute("aria-label", `${sentenceCase(step.name)}, ${plural(jobs.length, "job")}`);
  fill(/** @type {Filled} */ (one(column, "header")), step, () => html`<h3 dir="auto">${sentenceCase(step.name)}</h3>${statusMark(step.status)}<span class="step-time">${runTime(step)}</span>`);
  keyed(one(column, "ol"), jobs, ({ id }) => id, makeCard, (card, job) => {
    Object.assign(card.dataset, { job: job.id, status: job.status });
    fill(card, { ...job, log: null, duration_s: null }, () => cardOf(pipeline, job));
  });
  const nothing = one(column, ".nil");
  nothing.hidden = jobs.length > 0;
  nothing.textContent = step.finished_at ? "No jobs." : "No jobs yet.";
}

/** @returns {Filled} */
function makeCard() {
  return element(html`<li class="pipe-job" data-testid="pipeline-job"></li>`);
}

/** @param {Filled} place @param {object} what @param {() => import("../../lib/types.js").Markup} markup */
function fill(place, what, markup) {
  const shown = JSON.stringify({ ...what, duration_s: null });
  if (place.shown === shown) return;
  const hadFocus = place.contains(document.activeElement);
  place.shown = shown;
  render(place, markup());
  if (hadFocus) place.querySelector("a")?.focus();
}

/** @param {string} pipeline @param {PipelineJob} job */
function cardOf(pipeline, job) {
  return html`<header><a class="pipe-link whole-link" dir="auto" href="${address({ page: "pipelines", item: pipeline, query: { job: job.id } })}">${job.name}</a>${scoreMark(job.score)}</header>
    ${job.summary || job.description ? html`<p class="pipe-summary${job.summary ? "" : " faint"}" dir="auto">${job.summary || job.description}</p>` : null}
    <footer>${statusMark(job.status)}${attemptMark(job.attempt)}${job.agent_type ? agentMark(job.agent_type) : null}<span class="job-length">${job.started_at ? html`${icon("clock")}${runTime(job)}` : null}</span></footer>`;
}
