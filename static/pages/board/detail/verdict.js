/** What there is to say of a task before anything else: the state that one has to know, and what was found of its files. */
import { duration } from "../../../lib/format.js";
import { html, icon } from "../../../lib/html.js";
import { isLacking, verdict } from "./claims.js";
/** @import {DependencyState} from "../../../lib/types.js" */
/** @import {Details, TaskState} from "../types.js" */
/** @typedef {{tone: "bad" | "warn" | "plain", sign: string, text: string}} Line */

/**
 * Markup of it; null if there is nothing to say.
 * @param {Details} details
 * @param {TaskState | null} state
 */
export function verdictMarkup(details, state) {
  const lines = verdictLines(details, state);
  const files = verdict(details);
  if (lines.length === 0 && !files) return null;
  const said = lines.map(({ tone, sign, text }) => html`<p class="verdict-line" data-tone="${tone}">${icon(sign)}<span>${text}</span></p>`);
  return html`<div class="verdict" data-testid="verdict">${details.task.lane === "done" && isLacking(details) ? [files, ...said] : [...said, files]}</div>`;
}

/**
 * What is out of order, the worst first; of a task at which somebody is, since when.
 * @param {Details} details
 * @param {TaskState | null} state
 * @returns {Line[]}
 */
export function verdictLines({ task }, state, now_ms = Date.now()) {
  /** @type {Line[]} */
  const lines = [];
  const { error, lane, flags, status } = task;
  if (error) lines.push({ tone: "bad", sign: "broken", text: `The file is broken${error.line === null ? "" : `, line ${error.line}`}.` });
  if (flags.includes("has_error") && lane !== "done") lines.push({ tone: "bad", sign: "alert", text: "The task reports an error." });
  if (state?.dependencies.open && lane !== "done") lines.push({ tone: "warn", sign: "link", text: `Blocked by ${named(state.dependencies)}.` });
  if (state?.isStale) lines.push({ tone: "warn", sign: "clock", text: `Stale: nothing happened for ${duration(now_ms - state.quiet.since_ms)}.` });
  if (flags.includes("status_contradicts_lane")) lines.push({ tone: "warn", sign: "alert", text: `The file says “${status}”, but is in ${lane}.` });
  if (lines.length === 0 && state && lane === "assigned") {
    const here = Number.isNaN(state.here_at) ? "" : `${duration(now_ms - state.here_at)} here, `;
    lines.push({ tone: "plain", sign: "play", text: `In hand: ${here}quiet ${duration(now_ms - state.quiet.since_ms)}.` });
  }
  return lines;
}

/** @param {DependencyState} state */
function named({ blockers, open }) {
  const names = blockers.map((title) => `“${title}”`).join(", ");
  return open > blockers.length ? `${names} and ${open - blockers.length} more` : names;
}
