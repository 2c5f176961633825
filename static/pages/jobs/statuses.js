/** How statuses, phases and levels are named and shown. */
import { sentenceCase } from "../../lib/format.js";
/** @import {Job, JobStatus} from "../../lib/types.js" */

/** @type {Record<JobStatus, {label: string, sign: string}>} */
export const STATUSES = {
  pending: { label: "Pending", sign: "clock" },
  in_progress: { label: "In progress", sign: "play" },
  completed: { label: "Completed", sign: "check" },
  failed: { label: "Failed", sign: "broken" },
  cancelled: { label: "Cancelled", sign: "stop" },
  unknown: { label: "Unknown", sign: "help" },
};

/** The columns of the board. @type {{name: string, label: string}[]} */
export const GROUPS = [
  { name: "pending", label: "Pending" },
  { name: "in_progress", label: "In progress" },
  { name: "completed", label: "Completed" },
  { name: "failed", label: "Failed, cancelled, unknown" },
];

export const PHASES = ["idle", "specify", "plan", "implement", "test", "review"];
export const LEVELS = /** @type {const} */ (["error", "warning", "info", "debug"]);

/** @param {string} phase */
export const phaseLabel = (phase) => sentenceCase(phase || "idle");

/** @param {string} status */
export function statusOf(status) {
  return STATUSES[/** @type {JobStatus} */ (status)] ?? { label: sentenceCase(status), sign: "help" };
}

/** True if it is over, however. @param {Job} job */
export const isOver = ({ status }) => status !== "pending" && status !== "in_progress";

/** True if it waits to be run once more: what is known of it is of the run before. @param {Job} job */
export const waitsAgain = ({ status, finished_at: end }) => status === "pending" && end !== null;

/** True if it waits or runs, or something is left of a run whose shim was killed. @param {Job} job */
export const goesOn = (job) => !isOver(job) || Boolean(job.survivors);

/** How it ended, as a text; null if it has not. @param {Pick<Job, "exit_code" | "exit_signal" | "exit_reason">} job */
export function exitText({ exit_code: code, exit_signal: signal, exit_reason: reason }) {
  const parts = [];
  if (signal !== null && signal !== undefined) parts.push(`signal ${signal}`);
  else if (code !== null && code !== undefined) parts.push(`exit code ${code}`);
  if (reason && reason !== "exited") parts.push(reason);
  return parts.length ? parts.join(", ") : null;
}
