/** Shapes of what the service says of jobs and their logs: types only, never loaded by the page. */
/** @import {Job, JobStatus, LogLine, Run} from "../../lib/types.js" */

/** @typedef {{phase: string, row: number, seq: number, time: string | null}} PhaseStart */
/** `generation` rises when the log was replaced by another. @typedef {{run: string | null, view: string, generation: number, rows: number, lines_total: number, counts: Record<string, number>, phases: PhaseStart[], is_complete: boolean}} LogHead */
/** @typedef {LogHead & {first_row: number, lines: LogLine[]}} LogAnswer */
/** @typedef {import("./log/log-tail.js").LogFilter & {run: string | null}} LogQuery */
/** A line that a search found; `ranges` are in characters of JavaScript. @typedef {{row: number, seq: number, line: LogLine, ranges: [number, number][], before: LogLine[], after: LogLine[]}} Match */
/** @typedef {{matches: Match[], count: number | null, is_exact: boolean, next_before: number | null}} MatchAnswer */
/** @typedef {{count: number, is_exact: boolean, searched_lines: number}} MatchCount */

/**
 * A command line that may be started.
 * @typedef {object} Profile
 * @property {string} name
 * @property {string[]} argv
 * @property {string} origin
 * @property {string | null} cwd
 * @property {Record<string, string | null>} env null: not shown, as it may be a secret
 * @property {string[]} env_allow
 * @property {boolean} pty
 * @property {number | null} timeout_s
 * @property {number} max_log_bytes
 * @property {number} retry_times
 * @property {number} grace_s
 * @property {string} digest
 * @property {boolean} approved
 */

/** `canApprove`: here, or only by `llm-service approve`. @typedef {{profiles: Profile[], problems: {file?: string, path?: string, reason?: string, problem?: string}[], control: boolean, can_approve: boolean}} ProfileList */
/**
 * Where a job is started. `label` is null for this host. What goes wrong is an `HttpError`; if the user can do something about it, as
 * by a token, `asks(error)` asks for that, and is true.
 * @typedef {object} StartDesk
 * @property {string | null} label
 * @property {(error: unknown) => boolean} asks
 * @property {() => string | null} problem why it cannot be asked now
 * @property {() => Promise<ProfileList>} profiles
 * @property {() => Promise<string[]>} projects
 * @property {(project: string) => Promise<string[]>} specifications files that a specification may name
 * @property {(name: string, digest: string) => Promise<unknown>} approve exactly what was shown
 * @property {(project: string, body: {specification: string, profile: string}) => Promise<{page: string, item: string, observer?: string}>} start gives where the job is; `observer`: of another host
 */

/**
 * What the agent of a job reports; `line` is that of the log which says it.
 * @typedef {object} AgentWork
 * @property {string} agent
 * @property {string | null} model
 * @property {number} turns
 * @property {{text: string, status: string}[]} todos
 * @property {{line: number, command: string, exit_code: number | null, is_error: boolean}[]} commands the last ones
 * @property {Record<string, number>} commands_counted
 * @property {{path: string, kind: string, line: number}[]} files the last ones
 * @property {number} files_total
 * @property {{line: number, is_error: boolean, text: string, denied: string[]} | null} result
 */

/** @typedef {{job: Job, runs: Run[], agent: AgentWork | null}} JobAnswer */
/** Figures of a run. @typedef {{run: string, job: string, profile: string, attempt: number, status: string, exit: import("../../lib/types.js").RunExit | null, started_at: string, duration_s: number | null, phase_s: Record<string, number>, lines_written: number | null, log_lines: number | null, levels: Record<string, number>, cost_usd: number | null}} RunFigures */
/** @typedef {{jobs: Job[], next_cursor: string | null, counts: Record<JobStatus, number>, control: boolean, max_concurrent: number}} JobList */
/** A stage of doctor; "note": there is nothing to find out yet. @typedef {{number: number, name: string, question: string, level: "ok" | "note" | "problem", reason: string, next_step: string | null}} Stage */

export {};
