/** How statuses of plans and tasks are named and shown, and bars of their progress. */
import { html, icon } from "../../lib/html.js";
/** @import {PlanProgress, PlanRow} from "../../lib/types.js" */

/** @type {Record<string, {label: string, sign: string}>} */
export const STATUSES = {
  in_progress: { label: "In progress", sign: "play" },
  pending: { label: "Pending", sign: "clock" },
  failed: { label: "Failed", sign: "broken" },
  completed: { label: "Completed", sign: "check" },
  skipped: { label: "Skipped", sign: "arrow" },
};

/** The parts of a bar, in their order. */
const PARTS = /** @type {const} */ (["completed", "skipped", "failed", "in_progress"]);

/** @param {string} status */
export const labelOf = (status) => STATUSES[status]?.label ?? status;

/** A status as sign and text; `isShort`: the text is for screen readers. @param {string} status */
export function statusMark(status, isShort = false) {
  return html`<span class="status-label plan-status" data-status="${status}" data-testid="plan-status" title="${labelOf(status)}">${icon(STATUSES[status]?.sign ?? "help")}<span class="${isShort ? "off-screen" : ""}">${labelOf(status)}</span></span>`;
}

/**
 * A bar with a part for each status; null is "not known".
 * @param {PlanProgress | null} progress
 * @param {string} label
 */
export function progressBar(progress, label) {
  if (!progress) return html`<span class="plan-bar is-unknown" role="img" aria-label="${label}: not known"></span>`;
  const parts = sharesOf(progress);
  const text = `${label}: ${progress.percentage} %, ${progress.completed + progress.skipped} of ${progress.total} tasks`;
  return html`<span class="plan-bar" role="img" aria-label="${text}" title="${titleOf(progress)}" data-percentage="${progress.percentage}"><svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false">${parts.map(({ status, from, size }) => html`<rect data-status="${status}" x="${from}" y="0" width="${size}" height="4"></rect>`)}</svg></span>`;
}

/**
 * The parts of a bar that are there, in hundredths of its length.
 * @param {PlanProgress} progress
 */
export function sharesOf(progress) {
  let from = 0;
  const parts = [];
  for (const status of PARTS) {
    const size = progress.total > 0 ? (100 * progress[status]) / progress.total : 0;
    if (size > 0) parts.push({ status, from: rounded(from), size: rounded(size) });
    from += size;
  }
  return parts;
}

/** Whether its orchestrator runs; null is "not known". @param {PlanRow} row */
export function runningMark({ orchestrator }) {
  if (!orchestrator) return html`<span class="plan-run" data-running="unknown" title="Nothing is known of an orchestrator">No orchestrator</span>`;
  const { running, pid } = orchestrator;
  return html`<span class="plan-run" data-running="${running}" data-testid="plan-running"><span class="plan-dot" aria-hidden="true"></span>${running ? `Running${pid === null ? "" : `, process ${pid}`}` : "Not running"}</span>`;
}

/** That it has a worktree, and whether that is in use; nothing for a plan without one. @param {PlanRow} row */
export function worktreeMark({ worktree }) {
  if (!worktree) return null;
  return html`<span class="tag" data-testid="plan-worktree" title="${worktree.path ?? ""}">${worktree.active ? "Worktree in use" : "Worktree"}</span>`;
}

/** That it is the current plan; nothing for another one. @param {PlanRow} row */
export function currentMark({ isCurrent }) {
  return isCurrent ? html`<span class="tag" data-testid="plan-is-current" title="A file of the workspace names it as the plan that is worked on">Current plan</span>` : null;
}

/** @param {PlanProgress} progress */
function titleOf(progress) {
  return Object.keys(STATUSES).filter((status) => progress[/** @type {"failed"} */ (status)] > 0).map((status) => `${progress[/** @type {"failed"} */ (status)]} ${labelOf(status).toLowerCase()}`).join(", ");
}

const rounded = (/** @type {number} */ number) => Math.round(number * 100) / 100;
