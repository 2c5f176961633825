/** The phases of a plan with their bars; pressing one limits the tasks to it. */
import { count } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { progressBar } from "./statuses.js";
/** @import {Phase} from "./types.js" */

/** @param {Phase[]} phases */
export function phasesOf(phases) {
  if (phases.length === 0) return html``;
  return html`<h3 class="off-screen">Phases</h3><ol class="phase-list">${phases.map(phaseOf)}</ol>`;
}

/** @param {Phase} phase */
function phaseOf({ key, number, name, total, completed, progress }) {
  const label = number === null ? name || "Without a phase" : `${number}. ${name}`;
  return html`<li><a class="phase" data-testid="plan-phase" data-phase="${key}"><span class="phase-label" dir="auto">${label}</span><span class="phase-count">${count(completed)}/${count(total)}</span>${progressBar(progress, "Progress of the phase")}</a></li>`;
}

/**
 * Link the phases in `place` as the address is. A plan may have hundreds: they are not made anew for another filter.
 * @param {HTMLElement} place
 * @param {string} plan
 * @param {Record<string, string>} query
 */
export function linkPhases(place, plan, { phase, status }) {
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (place.querySelectorAll(".phase"))) {
    const key = link.dataset.phase ?? "";
    const isChosen = key === phase;
    link.href = address({ page: "plans", item: plan, query: { phase: isChosen ? null : key, status } });
    link.setAttribute("aria-current", String(isChosen));
    link.title = isChosen ? "Show the tasks of all phases" : "Show only the tasks of this phase";
  }
}

/** What is written about the phase that is chosen. @param {Phase | undefined} phase */
export function phaseNotesOf(phase) {
  if (!phase) return html``;
  const { notes, constraints, verifications, pipelineStart } = phase;
  const lines = [
    ...notes.map((text) => html`<li>${icon("text")}<span dir="auto">${text}</span></li>`),
    ...constraints.map(({ mode, of, ids, reason }) => html`<li>${icon("link")}<span dir="auto"><strong>${mode}</strong> ${of} ${ids.join(", ")} ${reason}</span></li>`),
    ...verifications.map(({ text, blocking, criteria }) => html`<li>${icon("check")}<div dir="auto"><strong>${blocking ? "Verify" : "Verify, not blocking"}</strong> ${text}${criteria.length > 0 ? html`<ul>${criteria.map((each) => html`<li>${each}</li>`)}</ul>` : null}</div></li>`),
    ...(pipelineStart ? [html`<li>${icon("play")}<span dir="auto"><strong>Pipeline start</strong> ${pipelineStart}</span></li>`] : []),
  ];
  return lines.length > 0 ? html`<ul class="phase-notes" data-testid="phase-notes">${lines}</ul>` : html``;
}
