/** Events as text, with the icon and colour of their kind. */
import { money, plural, sentenceCase } from "../lib/format.js";
import { address } from "../lib/router.js";
import { agentOf } from "../stores/feed-kinds.js";
/** @import {ServiceEvent} from "../lib/types.js" */

/** @type {Record<string, {icon: string, tone: string, verb: string}>} */
const SIGNS = {
  "task.created": { icon: "plus", tone: "blue", verb: "Created" },
  "task.assigned": { icon: "user", tone: "violet", verb: "Assigned" },
  "task.completed": { icon: "check", tone: "green", verb: "Completed" },
  "task.updated": { icon: "edit", tone: "grey", verb: "Changed" },
  "task.moved": { icon: "arrow", tone: "teal", verb: "Moved" },
  "task.removed": { icon: "trash", tone: "orange", verb: "Removed" },
  "task.invalid": { icon: "broken", tone: "red", verb: "Broken" },
  "artifact.created": { icon: "file", tone: "teal", verb: "File made" },
  "artifact.updated": { icon: "file", tone: "grey", verb: "File written" },
  "artifact.removed": { icon: "trash", tone: "orange", verb: "File removed" },
  "artifact.moved": { icon: "arrow", tone: "teal", verb: "File moved" },
  "artifact.batch": { icon: "folder", tone: "teal", verb: "Files" },
  "telemetry.update": { icon: "activity", tone: "blue", verb: "Called" },
  "job.phase": { icon: "arrow", tone: "violet", verb: "Phase" },
  "run.started": { icon: "play", tone: "green", verb: "Run started" },
  "run.finished": { icon: "stop", tone: "grey", verb: "Run ended" },
  "agent.waiting": { icon: "pause", tone: "amber", verb: "Waits for you" },
  "agent.resumed": { icon: "play", tone: "green", verb: "Goes on" },
  "agent.session": { icon: "user", tone: "grey", verb: "Session" },
  "plan.task_changed": { icon: "check", tone: "violet", verb: "Plan" },
  "plan.started": { icon: "play", tone: "green", verb: "Plan started" },
  "plan.stopped": { icon: "stop", tone: "orange", verb: "Plan stopped" },
  "pipeline.finished": { icon: "check", tone: "green", verb: "Pipeline finished" },
  "service.ready": { icon: "activity", tone: "grey", verb: "Service started" },
  "service.degraded": { icon: "alert", tone: "amber", verb: "Degraded" },
  "service.recovered": { icon: "check", tone: "green", verb: "Recovered" },
  "mcp.server.started": { icon: "play", tone: "green", verb: "MCP server started" },
  "mcp.server.stopped": { icon: "stop", tone: "orange", verb: "MCP server ended" },
  "mcp.server.health": { icon: "activity", tone: "amber", verb: "MCP server" },
  "cost.budget": { icon: "alert", tone: "amber", verb: "Budget" },
};

/**
 * `{icon, tone, verb}` of an event's type; unknown types are shown by their name.
 * @param {string} type
 */
export function signOf(type) {
  return SIGNS[type] ?? { icon: "activity", tone: "grey", verb: type };
}

/**
 * The text of an event beside its title: `{verb, detail}`.
 * @param {ServiceEvent} event
 */
export function textOf(event) {
  const { verb } = signOf(event.type);
  return { verb, detail: detail(event) };
}

/** @param {ServiceEvent} event */
function detail(event) {
  switch (event.type) {
    case "task.created":
      return `in ${sentenceCase(event.lane)}`;
    case "task.assigned":
      return `to ${event.agent ?? "nobody"}${from(event.previous_lane)}`;
    case "task.completed":
      return `by ${event.agent ?? "nobody"}${from(event.previous_lane)}`;
    case "task.moved":
      return `${sentenceCase(event.previous_lane ?? "")} → ${sentenceCase(event.lane)}${event.agent ? ` (${event.agent})` : ""}`;
    case "task.updated":
      return event.changed?.length ? list(event.changed) : "";
    case "task.removed":
      return `from ${sentenceCase(event.previous_lane ?? event.lane)}`;
    case "task.invalid":
      return event.error.line === null ? event.error.message : `line ${event.error.line}: ${event.error.message}`;
    case "artifact.created":
    case "artifact.updated":
    case "artifact.removed":
    case "artifact.moved":
      return `in ${event.project}`;
    case "artifact.batch":
      return changes(event);
    case "telemetry.update":
      return `${event.invocation.model_name ?? "a model"}${event.calls > 1 ? `, ${plural(event.calls, "call")}` : ""}${event.invocation.tool_name ? ` for ${event.invocation.tool_name}` : ""}`;
    case "job.phase":
      return `${event.previous} → ${event.phase}`;
    case "run.started":
      return event.run.profile;
    case "run.finished":
      return ending(event.run);
    case "agent.waiting":
    case "agent.resumed":
    case "agent.session":
      return event.type === "agent.session" ? `is ${event.session.state}` : (event.session.rests_on ?? "");
    case "plan.task_changed":
      return `task ${event.task}: ${event.status ?? "gone"}`;
    case "plan.started":
    case "plan.stopped":
      return event.reason;
    case "pipeline.finished":
      return event.pipeline.status;
    case "service.ready":
      return `${plural(event.tasks, "task")} read in ${event.load_ms} ms`;
    case "service.degraded":
      return `${event.root}: ${event.reason}`;
    case "mcp.server.started":
      return event.server.name;
    case "mcp.server.stopped":
    case "mcp.server.health":
      return `${event.server.name}: ${event.server.status === "failed" || event.server.status === "unhealthy" ? event.server.last_error : event.server.status}`;
    case "cost.budget":
      return `“${event.budget.name}”: ${money(event.budget.spent_usd)} of ${money(event.budget.limit_usd)}`;
    default:
      return "root" in event ? event.root : "";
  }
}

/**
 * What an event is about, with where that is; null where its text says all. Tasks have titles of their own.
 * @param {ServiceEvent} event
 * @returns {{label: string, href: string | null} | null}
 */
export function subjectOf(event) {
  switch (event.type) {
    case "artifact.created":
    case "artifact.updated":
    case "artifact.moved":
      return { label: event.artifact.path, href: address({ page: "artifacts", item: event.project, query: { path: event.artifact.path } }) };
    case "artifact.removed":
      return { label: event.artifact.path, href: null };
    case "artifact.batch":
      return { label: event.project, href: address({ page: "artifacts", item: event.project }) };
    case "telemetry.update": {
      const agent = agentOf(event);
      return { label: agent ?? "No agent named", href: address({ page: "costs", query: { range: "today", agent, show: "calls" } }) };
    }
    case "job.phase":
      return { label: event.project ?? event.job, href: address({ page: "jobs", item: event.job }) };
    case "run.started":
    case "run.finished": {
      const [owner, id] = event.run.owner.split(/:(.*)/s);
      return { label: event.project ?? id, href: address({ page: owner === "plan" ? "plans" : "jobs", item: id }) };
    }
    case "agent.waiting":
    case "agent.resumed":
    case "agent.session": {
      const { agent, client, project } = event.session;
      return { label: `${agent ?? client}${project ? ` in ${project}` : ""}`, href: address({ page: event.type === "agent.waiting" ? "needs-you" : "now" }) };
    }
    case "plan.task_changed":
    case "plan.started":
    case "plan.stopped":
      return { label: event.plan, href: address({ page: "plans", item: event.plan }) };
    case "pipeline.finished": {
      const { id, pipeline_type, ticket_id } = event.pipeline;
      return { label: [pipeline_type, ticket_id].filter(Boolean).join(" ") || id, href: address({ page: "pipelines", item: id }) };
    }
    default:
      return null;
  }
}

/** @param {{created: number, updated: number, removed: number}} batch */
function changes({ created, updated, removed }) {
  return [created && `${created} made`, updated && `${updated} written`, removed && `${removed} removed`].filter(Boolean).join(", ");
}

/** @param {{exit: import("../lib/types.js").RunExit | null, status: string}} run */
function ending({ exit, status }) {
  if (!exit) return status;
  return exit.code === 0 ? "well" : exit.code === null ? `${exit.reason}${exit.signal ? ` by signal ${exit.signal}` : ""}` : `${exit.reason}, code ${exit.code}`;
}

/** @param {string | null} lane */
function from(lane) {
  return lane ? `, from ${sentenceCase(lane)}` : "";
}

/** @param {string[]} keys */
function list(keys) {
  const shown = keys.slice(0, 4).map((key) => key.replaceAll("_", " "));
  return shown.join(", ") + (keys.length > 4 ? ` and ${keys.length - 4} more` : "");
}
