/** Shapes of what the service says of MCP servers: types only, never loaded by the page. */

/** @typedef {"not approved" | "stopped" | "starting" | "running" | "unhealthy" | "failed"} ServerStatus */

/**
 * @typedef {object} Server
 * @property {string} name
 * @property {"user" | "workspace"} origin
 * @property {"program" | "address"} kind
 * @property {string[]} argv
 * @property {string[]} env_names
 * @property {string | null} url
 * @property {string} digest
 * @property {boolean} approved
 * @property {ServerStatus} status
 * @property {string | null} version
 * @property {string[]} tools
 * @property {number | null} pid
 * @property {string | null} started_at
 * @property {string | null} checked_at
 * @property {number | null} answer_ms
 * @property {number} restarts
 * @property {number | null} cpu_percent
 * @property {number | null} memory_bytes
 * @property {string | null} last_error
 */

/** @typedef {{servers: Server[], problems: {where: string, reason: string}[], control: boolean, endpoint: string | null, requests: number}} ServerList */

export {};
