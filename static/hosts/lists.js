/**
 * What is listed of other hosts, by collection: pure. Values are those of other hosts: every field may be missing, huge or of another
 * type, so that each goes through `words`, `figure` or `time`.
 */
/** @import {HostRow} from "../lib/types.js" */
/** @typedef {{observer: string, kind: string, id: string, title: string, project: string, state: string, tone: string, detail: string, cost: number | null, at: string | null, runs: boolean}} Line a row of a list; `runs`: it is said to be at work, which is only so while the host is live */
/** @typedef {{title: string, nouns: [string, string], collection: string, link: string, lineOf: (row: HostRow, look: LookUp) => Omit<Line, "observer" | "kind">}} List */
/** @typedef {(collection: string, key: string) => any} LookUp another entry of the same host */

const MOST_WORDS = 300;

/**
 * A text; "" for what is none.
 * @param {unknown} value
 */
export function words(value) {
  if (typeof value === "string") return value.length > MOST_WORDS ? `${value.slice(0, MOST_WORDS)}…` : value;
  return typeof value === "number" ? String(value) : "";
}

/**
 * A number; null for what is none.
 * @param {unknown} value
 */
export function figure(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** A time; null for what is none. @param {unknown} value */
function time(value) {
  return typeof value === "string" && !Number.isNaN(Date.parse(value)) ? value : null;
}

/** The worse a state is, the more it is seen. @param {string} state */
function toneOf(state) {
  if (["failed", "broken", "crashed", "stuck"].includes(state)) return "bad";
  if (["waiting", "pending", "cancelled", "stale"].includes(state)) return "warn";
  return ["working", "in_progress", "running", "starting"].includes(state) ? "run" : "soft";
}

/** @param {string} state */
const isAtWork = (state) => toneOf(state) === "run";

/** @param {unknown} found */
const record = (found) => /** @type {Record<string, any>} */ (typeof found === "object" && found !== null ? found : {});

/**
 * @param {string} key
 * @param {string} state
 * @param {{title?: string, project?: unknown, detail?: string, cost?: number | null, at?: string | null}} more
 */
function line(key, state, { title = "", project, detail = "", cost = null, at = null }) {
  return { id: key, title: title || key, project: words(project), state, tone: toneOf(state), detail, cost, at, runs: isAtWork(state) };
}

/** @type {Record<string, List>} */
export const LISTS = {
  agents: {
    title: "Agents on other hosts",
    nouns: ["agent", "agents"],
    collection: "agents",
    link: "now",
    lineOf: ({ key, value }) => {
      const { name, state, reason, current_task: task, last, today } = value;
      const at = record(task).label;
      return line(key, words(state) || "unknown", { title: words(name), project: record(task).project, detail: words(at) || words(reason), cost: figure(record(today).cost_usd), at: time(record(last).at) });
    },
  },
  needs: {
    title: "Needs you on other hosts",
    nouns: ["thing", "things"],
    collection: "needs",
    link: "needs-you",
    lineOf: ({ key, value: { title, kind, text, since, project } }) => line(key, words(kind), { title: words(title), project, detail: words(text), at: time(since) }),
  },
  jobs: {
    title: "Jobs on other hosts",
    nouns: ["job", "jobs"],
    collection: "jobs",
    link: "jobs",
    lineOf: ({ key, value }, look) => {
      const { title, name, specification, project, status, current_phase: phase, cost_usd: cost, last_output_at: at, updated_at: updated } = { ...value, ...record(look("job_progress", key)) };
      return line(key, words(status) || "unknown", { title: words(title) || words(name) || words(specification), project, detail: words(phase), cost: figure(cost), at: time(at) ?? time(updated) });
    },
  },
  pipelines: {
    title: "Pipelines on other hosts",
    nouns: ["pipeline", "pipelines"],
    collection: "pipelines",
    link: "pipelines",
    lineOf: ({ key, value: { pipeline_type: type, ticket_id: ticket, project, status, step_statuses: steps, active_at: at } }) => {
      const all = Object.values(record(steps));
      const done = all.filter((step) => step === "completed").length;
      return line(key, words(status) || "unknown", { title: [words(type), words(ticket)].filter(Boolean).join(" · "), project, detail: all.length ? `${done}/${all.length} steps` : "", at: time(at) });
    },
  },
  plans: {
    title: "Plans on other hosts",
    nouns: ["plan", "plans"],
    collection: "plans",
    link: "plans",
    lineOf: ({ key, value: { title, project, status, progress, currentTask: current, lastUpdatedAt: at } }) => {
      const { completed, total } = record(progress);
      const done = figure(total) === null ? "" : `${figure(completed) ?? 0}/${figure(total)} tasks`;
      return line(key, words(status) || "unknown", { title: words(title), project, detail: [done, words(record(current).description)].filter(Boolean).join(" · "), at: time(at) });
    },
  },
  sessions: {
    title: "Sessions on other hosts",
    nouns: ["session", "sessions"],
    collection: "sessions",
    link: "sessions",
    lineOf: ({ key, value: { agent, client, model, project, state, text, tool, last_at: at } }) =>
      line(key, words(state) || "unknown", { title: [words(agent) || words(client), words(model)].filter(Boolean).join(" · "), project, detail: words(text) || words(tool), at: time(at) }),
  },
};

/**
 * The rows of a list, those of a host together; with `host`, of that one only.
 * @param {string} name
 * @param {HostRow[]} rows
 * @param {(observer: string, collection: string, key: string) => any} get
 * @param {string} [host]
 * @returns {Line[]}
 */
export function linesOf(name, rows, get, host = "") {
  const { lineOf } = LISTS[name];
  return rows
    .filter(({ observer }) => host === "" || observer === host)
    .map((row) => ({ observer: row.observer, kind: name, ...lineOf(row, (collection, key) => get(row.observer, collection, key)) }))
    .sort((a, b) => Number(b.runs) - Number(a.runs) || (b.at ?? "").localeCompare(a.at ?? "") || a.id.localeCompare(b.id));
}

/**
 * What each host has spent and how many calls that were, and all together; null where that is not known.
 * @param {HostRow[]} rows of the collection `costs`
 * @param {{observer: string, costs: object | null, calls: object | null}} own of this host
 */
export function costSums(rows, own) {
  const lines = [own, ...rows.map(({ observer, value }) => ({ observer, costs: value.costs, calls: value.calls }))].map(({ observer, costs, calls }) => ({
    observer,
    today: figure(record(costs).today),
    month: figure(record(costs).month),
    total: figure(record(costs).total),
    calls: figure(record(calls).total),
  }));
  /** @param {"today" | "month" | "total" | "calls"} name */
  const sum = (name) => {
    const known = lines.map((each) => each[name]).filter((each) => each !== null);
    return known.length === 0 ? null : known.reduce((all, each) => all + each, 0);
  };
  return { lines, sums: { today: sum("today"), month: sum("month"), total: sum("total"), calls: sum("calls") } };
}
