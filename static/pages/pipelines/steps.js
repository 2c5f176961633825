/** The steps of a pipeline as dots, and what of them is worth saying; pure. */
import { sentenceCase } from "../../lib/format.js";
import { statusOf } from "./statuses.js";
/** @typedef {{name: string, status: string, label: string, sign: string}} Dot */

/**
 * A dot for each step, in their order.
 * @param {Record<string, string>} step_statuses
 * @returns {Dot[]}
 */
export function dotsOf(step_statuses) {
  return Object.entries(step_statuses).map(([name, status]) => {
    const { label, sign } = statusOf(status);
    return { name, status, sign, label: `${sentenceCase(name)}: ${label.toLowerCase()}` };
  });
}

/**
 * The step that matters now: the first that failed, else the first that runs; null if none does either.
 * @param {Record<string, string>} step_statuses
 */
export function stepNow(step_statuses) {
  const steps = Object.entries(step_statuses);
  return (steps.find(([, status]) => status === "failed") ?? steps.find(([, status]) => status === "running"))?.[0] ?? null;
}
