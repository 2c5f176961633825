/** Shapes of what the service says of agents: types only, never loaded by the page. */

/** @typedef {"working" | "quiet" | "waiting" | "stale" | "done" | "idle"} StateName */
/** @typedef {{id: string, key: string, path: string, title: string, status: string | null}} CurrentTask */
/** Calls of today. @typedef {{calls: number, cost_usd: number | null, unpriced: number, last_call: number | null}} Today */

/**
 * @typedef {object} Agent
 * @property {string} name
 * @property {Record<string, number>} counts
 * @property {CurrentTask | null} current_task
 * @property {StateName} state
 * @property {string} reason
 * @property {string | null} state_until
 * @property {string | null} last_activity
 * @property {"call" | "file" | "lane" | null} last_activity_kind
 * @property {Today | null} today
 */

/** @typedef {{agents: Agent[], time: string, today: "known" | "off" | "unavailable", today_ends_at: string | null, timezone: string | null}} AgentList */

export {};
