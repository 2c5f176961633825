/** The phases of a job, those it went through, the one it is in, those to come, with their times. */
import { dateTime, duration } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { timeAgo } from "../../ui/age.js";
import { endedBy, stepsOf, timeIn } from "./phases.js";
import { phaseLabel } from "./statuses.js";
/** @import {Job} from "../../lib/types.js" */

/** @import {Step} from "./phases.js" */

/** @param {Job} job @param {{isSmall?: boolean}} [options] */
export function phaseStrip(job, { isSmall = false } = {}) {
  const steps = stepsOf(job);
  const label = `Phase: ${phaseLabel(job.current_phase)}`;
  return html`<ol class="phase-strip${isSmall ? " is-small" : ""}" aria-label="${label}" data-phase="${job.current_phase}" data-testid="phases">${steps.map((step) => one(step, isSmall, job.status === "in_progress" ? null : job.finished_at))}</ol>`;
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
