/** Shapes of what the service answers about pipelines: types only, never loaded by the page. */
/** @import {Pipeline, PipelinesSnapshot, PipelineStatus, StepStatus} from "../../lib/types.js" */

/** @typedef {{url: string, path: string, size_bytes: number, changed_at: string}} LogFile */
/** @typedef {StepStatus | "created"} JobStatus */

/**
 * @typedef {object} PipelineJob
 * @property {string} id
 * @property {string} step
 * @property {string} name
 * @property {string | null} description
 * @property {string | null} agent_type
 * @property {JobStatus} status
 * @property {number} attempt
 * @property {number | null} score
 * @property {string | null} summary
 * @property {string | null} log_path
 * @property {string | null} session_id
 * @property {string | null} created_at
 * @property {string | null} started_at
 * @property {string | null} finished_at
 * @property {LogFile | null} log
 */

/** @typedef {{name: string, position: number, status: StepStatus, started_at: string | null, finished_at: string | null, jobs: PipelineJob[]}} PipelineStep */
/** @typedef {Pipeline & {meta: Record<string, unknown> | null, steps: PipelineStep[] | null}} PipelineTree */

/**
 * @typedef {object} PipelineLinks
 * @property {{id: string, key: string, title: string, lane: string} | null} [task]
 * @property {{name: string, worktree: string | null} | null} [branch]
 * @property {{name: string, files: number} | null} [project]
 * @property {string[] | null} [sessions]
 * @property {Record<string, SessionCost> | null} [costs] of the sessions with calls; null: calls are not counted
 */

/** @typedef {{calls: number, cost_usd: number | null, unpriced_calls: number}} SessionCost */
/** @typedef {{pipeline: PipelineTree, links: PipelineLinks, stale_after_s: number}} PipelineAnswer */
/** @typedef {{job_id: string, content: string, start: number, end: number, size_bytes: number, truncated: boolean, changed_at: string, last_entry: number | null}} LogAnswer */
/** What of the list is asked for; nothing in `status` or `type`: all. @typedef {{status: string[], type: string[], project: string | null, page: number}} ListQuery */
/** @typedef {{pipelines: Pipeline[], total: number, page: number, total_pages: number, counts: Partial<Record<PipelineStatus, number>>, projects: string[], types: string[], stale_after_s: number}} ListAnswer */

export {};
