/** Events as text, with the icon and colour of their kind. */
import { money, plural, sentenceCase } from "../lib/format.js";
/** @import {ServiceEvent} from "../lib/types.js" */

/** @type {Record<string, {icon: string, tone: string, verb: string}>} */
const KINDS = {
  "task.created": { icon: "plus", tone: "blue", verb: "Created" },
  "task.assigned": { icon: "user", tone: "violet", verb: "Assigned" },
  "task.completed": { icon: "check", tone: "green", verb: "Completed" },
  "task.updated": { icon: "edit", tone: "grey", verb: "Changed" },
  "task.moved": { icon: "arrow", tone: "teal", verb: "Moved" },
  "task.removed": { icon: "trash", tone: "orange", verb: "Removed" },
  "task.invalid": { icon: "broken", tone: "red", verb: "Broken" },
  "service.ready": { icon: "activity", tone: "grey", verb: "Service started" },
  "service.degraded": { icon: "alert", tone: "amber", verb: "Degraded" },
  "service.recovered": { icon: "check", tone: "green", verb: "Recovered" },
  "cost.budget": { icon: "alert", tone: "amber", verb: "Budget" },
};

/**
 * `{icon, tone, verb}` of an event's type; unknown types are shown by their name.
 * @param {string} type
 */
export function kindOf(type) {
  return KINDS[type] ?? { icon: "activity", tone: "grey", verb: type };
}

/**
 * The text of an event beside its title: `{verb, detail}`.
 * @param {ServiceEvent} event
 */
export function textOf(event) {
  const { verb } = kindOf(event.type);
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
    case "service.ready":
      return `${plural(event.tasks, "task")} read in ${event.load_ms} ms`;
    case "service.degraded":
      return `${event.root}: ${event.reason}`;
    case "cost.budget":
      return `“${event.budget.name}”: ${money(event.budget.spent_usd)} of ${money(event.budget.limit_usd)}`;
    default:
      return "root" in event ? event.root : "";
  }
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
