/** A pipeline with its steps and jobs, and what reports change in it before the service is asked again; pure. */
/** @import {Pipeline} from "../../lib/types.js" */
/** @import {PipelineAnswer, PipelineTree} from "./types.js" */

/**
 * The answer with a row as it was just reported: its figures, and the statuses of its steps.
 * @param {PipelineAnswer} answer
 * @param {Pipeline} row
 * @returns {PipelineAnswer}
 */
export function withRow(answer, row) {
  const { pipeline } = answer;
  const steps = pipeline.steps?.map((step) => ({ ...step, status: row.step_statuses[step.name] ?? step.status })) ?? null;
  return { ...answer, pipeline: { ...pipeline, ...row, steps: row.problem ? null : steps } };
}

/**
 * One of its jobs; undefined if it has no such job.
 * @param {PipelineTree} pipeline
 * @param {string} id
 */
export function jobIn({ steps }, id) {
  return steps?.flatMap(({ jobs }) => jobs).find((job) => job.id === id);
}
