/** What an event of another host changes, as entries of collections: pure. */
/** @typedef {{collection: string, key: string, value: unknown}} Entry a value of null or undefined: it is gone */

/** @param {Record<string, any>} event */
function ofTask({ type, task, previous_key: before }) {
  const now = entry("tasks", task.key, type === "task.removed" ? null : task);
  return before ? [entry("tasks", before, null), now] : [now];
}

/** @param {Record<string, any>} event */
const ofSession = ({ session }) => [entry("sessions", session.id, session.state === "ended" ? null : session)];
/** @param {Record<string, any>} event */
const ofOrchestrator = ({ orchestrator }) => [entry("orchestrators", orchestrator.id, orchestrator)];

/** By the type of the event, or by its first word with a dot. @type {Record<string, (event: Record<string, any>) => Entry[]>} */
const READERS = {
  "task.": ofTask,
  "agent.": ofSession,
  "evidence.update": ({ evidence }) => entries("evidence", evidence),
  "cost.update": ({ type: _, seq: _1, epoch: _2, time: _3, origin: _4, by_task, ...figures }) => [entry("costs", "summary", figures), ...entries("task_costs", by_task)],
  "cost.budget": ({ budget }) => [entry("budgets", String(budget.name), budget)],
  "job.updated": ({ job }) => [entry("jobs", job.id, job)],
  "job.removed": ({ id }) => [entry("jobs", id, null), entry("job_progress", id, null)],
  "job.progress": ({ type: _, seq: _1, epoch: _2, time: _3, origin: _4, ...progress }) => [entry("job_progress", progress.job, progress)],
  "pipeline.updated": ({ pipeline }) => [entry("pipelines", pipeline.id, pipeline)],
  "pipeline.finished": ({ pipeline }) => [entry("pipelines", pipeline.id, pipeline)],
  "pipeline.removed": ({ id }) => [entry("pipelines", id, null)],
  "plan.updated": ({ plan, data }) => [entry("plans", plan, data)],
  "plan.removed": ({ plan }) => [entry("plans", plan, null)],
  "plan.started": ofOrchestrator,
  "plan.stopped": ofOrchestrator,
  "need.opened": ({ need }) => [entry("needs", need.id, need)],
  "need.changed": ({ need }) => [entry("needs", need.id, need)],
  "need.closed": ({ need }) => [entry("needs", need.id, null)],
  "artifact.batch": ({ project, totals }) => [entry("projects", project, totals)],
  "host.changed": ({ collection, set, removed }) => [
    ...entries(collection, set),
    ...(removed ?? []).map((/** @type {string} */ key) => entry(collection, key, null)),
  ],
};

/**
 * What an event changes; nothing for one that is not known, or not as it should be.
 * @param {Record<string, any>} event
 * @returns {Entry[]}
 */
export function entriesOf(event) {
  const read = Object.hasOwn(READERS, event.type) ? READERS[event.type] : READERS[event.type.slice(0, event.type.indexOf(".") + 1)];
  if (!read) return [];
  try {
    return read(event);
  } catch {
    return [];
  }
}

/**
 * @param {string} collection
 * @param {string} key
 * @param {unknown} value
 * @returns {Entry}
 */
function entry(collection, key, value) {
  return { collection, key, value };
}

/**
 * @param {string} collection
 * @param {Record<string, unknown> | undefined} values
 */
function entries(collection, values) {
  return Object.entries(values ?? {}).map(([key, value]) => entry(collection, key, value));
}
