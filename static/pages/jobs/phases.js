/** The phases of a job as steps: which it went through, how long each took. */
import { moment } from "../../lib/format.js";
import { PHASES, isOver, waitsAgain } from "./statuses.js";
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
    const state = isNow(phase) ? (job.status === "completed" ? "done" : isOver(job) || waitsAgain(job) ? "ended" : "now") : spans.length > 0 || (phase === "idle" && job.phases.length > 0) ? "done" : "next";
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

/** A job that is over is in no phase any more. @param {PhaseTime[]} spans @param {string | null} end */
export function endedBy(spans, end) {
  return end ? spans.map((span) => ({ ...span, finished_at: span.finished_at ?? end })) : spans;
}
