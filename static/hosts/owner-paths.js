/** Where the owner of something answers about it, and what it can be asked to do: pure. */
const part = encodeURIComponent;

/** @typedef {{collection: string, page: string, hasPage: boolean, path: ((id: string, file: string | null) => string) | null, logPath?: (id: string) => string}} Source */

/** By kind. `path` null: all that is known of it is known here. @type {Record<string, Source>} */
export const SOURCES = {
  tasks: { collection: "tasks", page: "tasks", hasPage: true, path: (id, file) => `/api/task?id=${part(id)}${file === null ? "" : `&path=${part(file)}`}` },
  jobs: { collection: "jobs", page: "jobs", hasPage: true, path: (id) => `/api/jobs/${part(id)}`, logPath: (id) => `/api/jobs/${part(id)}/logs?limit=200` },
  pipelines: { collection: "pipelines", page: "pipelines", hasPage: true, path: (id) => `/api/pipelines/${part(id)}` },
  plans: { collection: "plans", page: "plans", hasPage: true, path: (id) => `/api/plans/${part(id)}` },
  sessions: { collection: "sessions", page: "sessions", hasPage: true, path: (id) => `/api/session-logs/${part(id)}` },
  needs: { collection: "needs", page: "needs-you", hasPage: false, path: null },
  agents: { collection: "agents", page: "now", hasPage: true, path: null },
};

/** What the owner can be asked to do. @type {Record<string, {label: string, done: string, path: (id: string) => string, body?: object}>} */
export const COMMANDS = {
  "job-stop": { label: "Stop", done: "Job stopped", path: (id) => `/api/jobs/${part(id)}/stop` },
  "job-retry": { label: "Retry", done: "Job asked for again", path: (id) => `/api/jobs/${part(id)}/retry` },
  "plan-start": { label: "Start", done: "Plan started", path: (id) => `/api/plans/${part(id)}/start` },
  "plan-stop": { label: "Stop", done: "Plan stopped", path: (id) => `/api/plans/${part(id)}/stop` },
  "need-done": { label: "Done", done: "Done", path: (id) => `/api/needs-you/${part(id)}/done` },
  "need-snooze": { label: "Snooze for an hour", done: "Snoozed", path: (id) => `/api/needs-you/${part(id)}/snooze`, body: { minutes: 60 } },
};

/**
 * The path at the owner; null if there is none.
 * @param {{kind: string, id: string, path?: string | null}} what
 */
export function pathOf({ kind, id, path = null }) {
  return SOURCES[kind].path?.(id, path) ?? null;
}

/**
 * Where the owner has the text of a file of a project.
 * @param {string} project
 * @param {string} file
 */
export function filePath(project, file) {
  return `/api/artifacts/${part(project)}/file?path=${part(file)}`;
}

/**
 * What the owner can be asked to do with it, as far as its state says.
 * @param {string} kind
 * @param {Record<string, any>} row
 * @param {Record<string, any> | undefined} orchestrator of a plan
 * @returns {string[]}
 */
export function commandsOf(kind, row, orchestrator) {
  if (kind === "needs") return ["need-done", "need-snooze"];
  if (kind === "jobs") return ["pending", "in_progress"].includes(row.status) || row.survivors ? ["job-stop"] : ["job-retry"];
  if (kind === "plans") return orchestrator?.is_alive ? ["plan-stop"] : ["plan-start"];
  return [];
}
