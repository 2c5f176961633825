/** What the service sends about itself: types only, never loaded by the page. */

/** @typedef {"default" | "workspace" | "user" | "config" | "environment" | "command line"} OriginKind */

/**
 * A setting. `value` is null if it is unset or secret, which `is_set` tells apart; `where` is the place in its origin.
 * @typedef {object} Setting
 * @property {string} name
 * @property {string} section
 * @property {string} help
 * @property {string} type
 * @property {string | null} value
 * @property {string} default
 * @property {boolean} is_secret
 * @property {boolean} is_set
 * @property {OriginKind} origin
 * @property {string | null} where
 * @property {string} variable
 * @property {string} line
 * @property {string} workspace
 */

/** @typedef {{settings: Setting[], files: {user: string | null, workspace: string}}} SettingList */
/** @typedef {{name: string, version: string, licence: string | null, kind: "python" | "page"}} Library */
/** @typedef {{version: string, licence: string, python: string, sqlite: string, system: string, libraries: Library[]}} About */
/** @typedef {{root: string, mode: string, last_scan_ms: number | null, lag_ms: number | null, error?: string, unreadable?: Record<string, string>, skipped?: Record<string, string>}} WatcherState */
/** @typedef {{path: string | null, ok: boolean, problem: string | null, pending?: number, dropped?: number, size_bytes?: number, segments?: number, restored?: string, moved_aside?: string}} StoreState */

/**
 * The body of `/health`, as far as it is shown.
 * @typedef {object} SystemHealth
 * @property {string} status
 * @property {string} version
 * @property {string} started_at
 * @property {string} workspace
 * @property {number} seq
 * @property {{socketio: number, cut_off: number}} clients
 * @property {WatcherState[]} watchers
 * @property {{root: string, mode: string, reason: string}[]} troubles
 * @property {StoreState} history
 * @property {StoreState} journal
 * @property {{files: number, versions: number, bytes: number, problem: string | null}} [versions]
 */

/** @typedef {"ok" | "note" | "problem"} Level */
/** @typedef {{number: number, question: string, level: Level, reason: string, next_step: string | null}} Stage */
/** @typedef {{job: string | null, stages: Stage[], remarks: {level: Level, what: string, text: string}[], is_healthy: boolean}} Diagnosis */

export {};
