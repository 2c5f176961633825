/** A plan after an event about one of its tasks, and its tasks by filter: pure. */
/** @import {PlanProgress, PlanTask} from "../../lib/types.js" */
/** @import {Phase, Plan} from "./types.js" */

/**
 * The plan with a task replaced, or without it: the bars of the phases say the same as the tasks.
 * @param {Plan} plan
 * @param {string} id
 * @param {PlanTask | null} detail
 * @returns {Plan}
 */
export function withTask(plan, id, detail) {
  const isThere = plan.tasks.some((task) => task.id === id);
  const replaced = plan.tasks.flatMap((task) => (task.id !== id ? [task] : detail ? [detail] : []));
  const tasks = isThere || !detail ? replaced : [...replaced, detail];
  const phases = new Set([detail?.phase, plan.tasks.find((task) => task.id === id)?.phase]);
  return { ...plan, tasks, phases: plan.phases.map((phase) => (phases.has(phase.key) ? recounted(phase, tasks) : phase)) };
}

/** @param {Phase} phase @param {PlanTask[]} tasks @returns {Phase} */
function recounted(phase, tasks) {
  const own = tasks.filter((task) => task.phase === phase.key);
  const counts = { total: own.length, completed: 0, pending: 0, in_progress: 0, failed: 0, skipped: 0, percentage: 0 };
  for (const { status } of own) counts[status] += 1;
  counts.percentage = percentageOf(counts);
  return { ...phase, total: counts.total, completed: counts.completed + counts.skipped, percentage: counts.percentage, progress: counts };
}

/** 100 only when all is finished. @param {PlanProgress} progress */
export function percentageOf({ total, completed, skipped }) {
  return total === 0 ? 0 : Math.floor((100 * (completed + skipped)) / total);
}

/**
 * The tasks of a phase, of a status: those that the address asks for.
 * @param {PlanTask[]} tasks
 * @param {{phase?: string, status?: string}} filter
 */
export function tasksIn(tasks, { phase, status }) {
  return tasks.filter((task) => (!phase || task.phase === phase) && (!status || task.status === status));
}

/** The text of a task, which often begins with its id. @param {string} id @param {string} text */
export function withoutId(id, text) {
  return text.startsWith(`${id} `) ? text.slice(id.length).trimStart() : text;
}

/** How long it has taken, in ms: what its file says, else from begin to end; null if that is not known. @param {PlanTask} task */
export function lengthOf({ duration, startedAt, completedAt }) {
  if (duration !== null) return duration;
  const length = startedAt && completedAt ? Date.parse(completedAt) - Date.parse(startedAt) : NaN;
  return length >= 0 ? length : null;
}
