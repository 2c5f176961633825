/** What the service says of agents: types only, never loaded by the page. */

/** @typedef {"waiting" | "stuck" | "working" | "unknown" | "idle" | "finished"} StateName */
/** @typedef {"hook" | "run" | "report" | "registry" | "session log" | "task file" | "nothing"} SourceName */
/** @typedef {"agent" | "session" | "job" | "orchestrator" | "step" | "sub-agent"} AgentKind */
/** @typedef {{kind: "task" | "job" | "plan" | "pipeline" | "session", id: string, label: string, detail: string | null, link: string, project: string | null, since: string | null, path: string | null}} WorkItem */
/** @typedef {{project: string, path: string, change: "created" | "updated" | "removed", at: string, rests_on: "claim" | "project"}} TouchedFile */
/** Calls of today. @typedef {{calls: number, cost_usd: number | null, unpriced: number}} Today */

/**
 * An agent, or one of the things that it is at.
 * @typedef {object} Agent
 * @property {string} id
 * @property {AgentKind} kind
 * @property {string} name
 * @property {string | null} parent
 * @property {StateName} state
 * @property {string} reason
 * @property {SourceName} source
 * @property {string} certainty
 * @property {string | null} since
 * @property {string | null} state_until
 * @property {WorkItem[]} at
 * @property {WorkItem | null} current_task
 * @property {{at: string, kind: string} | null} last
 * @property {TouchedFile[]} files
 * @property {Record<string, number>} counts
 * @property {Today | null} today
 * @property {string | null} session
 */

/** @typedef {{tasks_done: number, jobs_done: number, lines_per_hour: number | null, calls: number | null, cost_usd: number | null, unpriced: number | null}} Figures */
/** @typedef {{name: string, is_on: boolean, text: string}} Source */
/** @typedef {{agents: Agent[], more: number, states: Partial<Record<StateName, number>>, figures: Figures, sources: Source[], time: string, today: "known" | "off" | "unavailable", today_ends_at: string | null, timezone: string | null, stuck_after_min: number}} Overview */

export {};
