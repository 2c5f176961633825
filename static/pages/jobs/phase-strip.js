/** The phases of a job, those it went through, the one it is in, those to come, with their times. */
import { dateTime, duration, moment } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { timeAgo } from "../../ui/age.js";
import { PHASES, isOver, phaseLabel } from "./statuses.js";
/** @import {Job, PhaseTime} from "../../lib/types.js" */

/** @typedef {{phase: string, state: "done" | "now" | "next" | "ended", spans: PhaseTime[]}} Step */

/**
 * The phases in their order. One that was gone through several times has several spans.
 * @param {Job} job
 * @returns {Step[]}
 */
export function stepsOf(job) {
  const names = [...PHASES, ...job.phases.map(({ phase }) => phase).filter((phase) => !PHASES.includes(phase))];
  const isNow = (/** @type {string} */ phase) => phase === job.current_phase;
  return [...new Set(names)].map((phase) => {
    const spans = job.phases.filter((each) => each.phase === phase);
    const state = isNow(phase) ? (isOver(job) ? "ended" : "now") : spans.length > 0 || (phase === "idle" && job.phases.length > 0) ? "done" : "next";
    return { phase, state, spans };
  });
}

/**
 * How long a phase took in all, in ms, and since when it goes on; null if it was never begun or is not over.
 * @param {PhaseTime[]} spans
 */
export function timeIn(spans) {
  let total_ms = 0;
  let since = /** @type {string | null} */ (null);
  for (const { started_at: from, finished_at: to } of spans) {
    if (to === null) since = from;
    else total_ms += Math.max(0, moment(to) - moment(from));
  }
  return { total_ms, since };
}

/** @param {Job} job @param {{isSmall?: boolean}} [options] */
export function phaseStrip(job, { isSmall = false } = {}) {
  const steps = stepsOf(job);
  const label = `Phase: ${phaseLabel(job.current_phase)}`;
  return html`<ol class="phase-strip${isSmall ? " is-small" : ""}" aria-label="${label}" data-phase="${job.current_phase}" data-testid="phases">${steps.map((step) => one(step, isSmall, isOver(job) ? job.finished_at : null))}</ol>`;
}

/**
 * @param {Step} step
 * @param {boolean} isSmall
 * @param {string | null} end
 */
function one({ phase, state, spans }, isSmall, end) {
  const { total_ms, since } = timeIn(endedBy(spans, end));
  const title = [phaseLabel(phase), spans[0] && `began ${dateTime(spans[0].started_at)}`, spans.length > 1 && `${spans.length} times`].filter(Boolean).join(", ");
  const time = since ? timeAgo(since, { form: "span" }) : spans.length > 0 ? duration(total_ms) : null;
  return html`<li data-state="${state}" data-phase="${phase}" title="${title}" ${state === "now" ? html`aria-current="step"` : null}>
    <span class="phase-dot" aria-hidden="true"></span><span class="${isSmall ? "off-screen" : "phase-name"}">${phaseLabel(phase)}</span>
    ${isSmall ? null : html`<span class="phase-time">${time}</span>`}</li>`;
}

/** A job that is over is in no phase any more. @param {PhaseTime[]} spans @param {string | null} end */
function endedBy(spans, end) {
  return end ? spans.map((span) => ({ ...span, finished_at: span.finished_at ?? end })) : spans;
}
