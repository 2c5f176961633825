/** A job as a card of the board. */
import { html, icon, element, render } from "../../lib/html.js";
import { count, money } from "../../lib/format.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { durationOf, notesOf, statusMark, titleOf, todosOf } from "./job-facts.js";
import { phaseStrip } from "./phase-strip.js";
import { exitText, phaseLabel } from "./statuses.js";
/** @import {Job} from "../../lib/types.js" */
/** @typedef {HTMLElement & {shown?: string}} Card */

/** @returns {Card} */
export function makeCard() {
  return element(html`<li class="job-card" data-testid="job"></li>`);
}

/**
 * Show a job, unless it is shown already.
 * @param {Card} card
 * @param {Job} job
 */
export function fillCard(card, job) {
  const shown = JSON.stringify(job);
  if (card.shown === shown) return;
  const hadFocus = card.contains(document.activeElement);
  card.shown = shown;
  card.dataset.job = job.id;
  card.dataset.status = job.status;
  render(card, cardOf(job));
  if (hadFocus) card.querySelector("a")?.focus();
}

/** @param {Job} job */
function cardOf(job) {
  const isRunning = job.status === "in_progress";
  const lines = job.lines_written === null ? null : `${count(job.lines_written)} ${job.shared_lines ? "lines shared" : "lines"}`;
  const rate = isRunning && job.lines_per_hour !== null ? `${count(job.lines_per_hour)}/h` : null;
  const exit = exitText(job);
  return html`<header><a class="job-name whole-link" dir="auto" href="${address({ page: "jobs", item: job.id })}">${titleOf(job)}</a>${job.status === "failed" || job.status === "cancelled" || job.status === "unknown" ? statusMark(job) : null}</header>
    <p class="job-project">${icon("folder")}<bdi>${job.project}</bdi>${job.profile ? html`<span class="tag">${job.profile}</span>` : null}${job.user ? html`<span class="tag">${job.user}</span>` : null}</p>
    <p class="job-id"><code>${job.id}</code></p>
    ${notesOf(job)}
    ${isRunning ? html`<p class="job-phase"><strong>${phaseLabel(job.current_phase)}</strong></p>` : null}
    ${job.phases.length > 0 || isRunning ? phaseStrip(job, { isSmall: true }) : null}
    ${isRunning ? todosOf(job) : null}
    <footer>${[durationOf(job), lines, rate, job.cost_usd === null ? null : money(job.cost_usd), exit]
      .filter((fact) => fact !== null)
      .map((fact) => html`<span>${fact}</span>`)}${isRunning ? null : html`<span class="job-age">${timeAgo(job.finished_at ?? job.created_at, { form: "short" })}</span>`}</footer>`;
}
