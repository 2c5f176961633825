/** What the feed shows: the types of events by kind, and what of them is left out. Pure. */
import { saysOnlyThatOthersChanged } from "./board.js";
/** @import {ServiceEvent} from "../lib/types.js" */

/** Figures, progress and output are left out: they have places of their own. @type {{name: string, label: string, types: string[]}[]} */
export const KINDS = [
  { name: "tasks", label: "Tasks", types: ["task.created", "task.assigned", "task.completed", "task.updated", "task.moved", "task.removed", "task.invalid"] },
  { name: "files", label: "Files", types: ["artifact.created", "artifact.updated", "artifact.removed", "artifact.moved", "artifact.batch"] },
  { name: "calls", label: "Calls", types: ["telemetry.update"] },
  { name: "jobs", label: "Jobs", types: ["job.phase", "run.started", "run.finished"] },
  { name: "agents", label: "Agents", types: ["agent.waiting", "agent.resumed", "agent.session"] },
  { name: "plans", label: "Plans", types: ["plan.task_changed", "plan.started", "plan.stopped", "pipeline.finished"] },
  { name: "service", label: "Service", types: ["service.ready", "service.degraded", "service.recovered", "mcp.server.started", "mcp.server.stopped", "mcp.server.health", "cost.budget"] },
];

/** Those that come by the hundreds, asked for apart from the others. */
const MANY = new Set(["files", "calls"]);
const NAMES = new Map(KINDS.flatMap(({ name, types }) => types.map((type) => [type, name])));

/** What to ask for, by request: types, and so many hours back, as the journal is searched through for what is not in it. */
export const REQUESTS = [
  { types: KINDS.filter(({ name }) => !MANY.has(name)).flatMap(({ types }) => types), hours: 7 * 24 },
  ...KINDS.filter(({ name }) => MANY.has(name)).map(({ types }) => ({ types, hours: 24 })),
];

/**
 * The kind of an event; null for one that is not shown.
 * @param {ServiceEvent} event
 */
export function kindOf(event) {
  const name = NAMES.get(event.type) ?? null;
  if (name === "tasks" && saysOnlyThatOthersChanged(event)) return null;
  // A batch in which only the sums changed is no change of a file, nor are those that were there before.
  if (event.type === "artifact.batch" && event.created + event.updated + event.removed === 0) return null;
  return name;
}

/**
 * Who did it, as far as the event says: of a job its profile, of a plan itself, as in the list of agents.
 * @param {ServiceEvent} event
 * @returns {string | null}
 */
export function agentOf(event) {
  if ("invocation" in event) return event.invocation.agent_name ?? null;
  if ("session" in event && typeof event.session === "object") return event.session.agent ?? event.session.client;
  if (event.type === "run.started" || event.type === "run.finished") {
    const [owner, id] = event.run.owner.split(/:(.*)/s);
    return owner === "plan" ? id : event.run.profile;
  }
  if (event.type === "plan.task_changed" || event.type === "plan.started" || event.type === "plan.stopped") return event.plan;
  if ("task" in event && typeof event.task === "object" && "agent" in event) return event.agent ?? event.task.agent;
  return null;
}
