/** The REST calls of the page of pipelines; what goes wrong is an `HttpError`. */
import { getJson, oneValue } from "../../live/http.js";
/** @import {ListAnswer, ListQuery, LogAnswer, PipelineAnswer} from "./types.js" */

const base = (/** @type {string} */ id) => `/api/pipelines/${encodeURIComponent(id)}`;

/**
 * A page of the list, the newest first.
 * @param {ListQuery} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<ListAnswer>}
 */
export const getPipelines = ({ status, type, project, page }, signal) =>
  getJson("/api/pipelines", { status: status.map(oneValue).join(","), type: type.map(oneValue).join(","), project: oneValue(project), page: page > 1 ? page : null }, signal);

/**
 * One with its steps and jobs.
 * @param {string} id
 * @param {AbortSignal} [signal]
 * @returns {Promise<PipelineAnswer>}
 */
export const getPipeline = (id, signal) => getJson(base(id), {}, signal);

/**
 * The end of a job's log, what is before a byte of it, or what is there from a byte on.
 * @param {string} id
 * @param {string} job
 * @param {{before?: number | null, after?: number | null}} which
 * @param {AbortSignal} [signal]
 * @returns {Promise<LogAnswer>}
 */
export const getLog = (id, job, which, signal) => getJson(`${base(id)}/jobs/${encodeURIComponent(job)}/log`, which, signal);
