/** An agent as a row of the table: what each column shows, and what it is sorted by. */
import { UNKNOWN, count, dateTime, moment } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { agentMark } from "../../ui/agent-mark.js";
import { timeAgo } from "../../ui/age.js";
import { costText } from "../../ui/cost-text.js";
/** @import {Agent, AgentList, StateName} from "./types.js" */

/** From what is alive to what is over, which is the order by state. @type {{name: StateName, label: string, sign: string}[]} */
export const STATES = [
  { name: "working", label: "Working", sign: "play" },
  { name: "quiet", label: "Quiet", sign: "clock" },
  { name: "waiting", label: "Waiting", sign: "pause" },
  { name: "stale", label: "Stale", sign: "alert" },
  { name: "done", label: "Done", sign: "check" },
  { name: "idle", label: "Idle", sign: "dot" },
];

/** @type {Record<string, string>} */
const SIGNS_OF_LIFE = { call: "a call", file: "a task file changed", lane: "a task came to its lane" };

/** @type {{name: string, label: string, isNumber?: boolean, value: (agent: Agent) => string | number | null}[]} */
export const COLUMNS = [
  { name: "agent", label: "Agent", value: ({ name }) => name },
  { name: "state", label: "State", value: ({ state }) => STATES.findIndex(({ name }) => name === state) },
  { name: "task", label: "Current task", value: ({ current_task: task }) => task?.title ?? null },
  { name: "last", label: "Last activity", isNumber: true, value: ({ last_activity: at }) => at && moment(at) },
  { name: "assigned", label: "Tasks", isNumber: true, value: ({ counts }) => counts.assigned ?? 0 },
  { name: "calls", label: "Calls today", isNumber: true, value: ({ today }) => today?.calls ?? null },
  { name: "cost", label: "Cost today", isNumber: true, value: ({ today }) => today?.cost_usd ?? null },
];

/**
 * The cells of a row; `known` is whether calls are.
 * @param {Agent} agent
 * @param {AgentList["today"]} known
 */
export function row(agent, known) {
  return html`<th scope="row" class="c-agent">${agentMark(agent.name)}</th>
    <td class="c-state">${stateMark(agent)}</td>
    <td class="c-task">${task(agent)}</td>
    <td class="c-last">${lastActivity(agent)}</td>
    <td class="c-assigned">${tasks(agent)}</td>
    <td class="c-calls">${calls(agent, known)}</td>
    <td class="c-cost">${cost(agent)}</td>`;
}

/** @param {Agent} agent */
function stateMark({ state, reason }) {
  const { label, sign } = STATES.find(({ name }) => name === state) ?? { label: state, sign: "dot" };
  return html`<span class="agent-state" data-testid="agent-state" data-state="${state}" title="${reason}">${icon(sign)}${label}</span>`;
}

/** @param {Agent} agent */
function task({ current_task: current }) {
  if (!current) return html`<span class="faint">${UNKNOWN}</span>`;
  const { id, key, path, title } = current;
  const file = key === id ? null : path;
  return html`<a class="task-link" dir="auto" data-opens="${id}" data-path="${file}" href="${address({ task: id, path: file })}" title="${title}">${title}</a>`;
}

/** @param {Agent} agent */
function lastActivity({ last_activity: at, last_activity_kind: kind }) {
  if (!at) return html`<span class="faint" title="Nothing is known">${UNKNOWN}</span>`;
  return html`${timeAgo(at, { title: `${dateTime(at)}: ${SIGNS_OF_LIFE[kind ?? ""] ?? kind}` })}<span class="sign">${SIGNS_OF_LIFE[kind ?? ""] ?? kind}</span>`;
}

/** @param {Agent} agent */
function tasks({ name, counts }) {
  const label = Object.entries(counts).map(([lane, size]) => `${count(size)} ${lane}`).join(", ");
  const shown = `${count(counts.assigned ?? 0)} of ${count(Object.values(counts).reduce((sum, each) => sum + each, 0))}`;
  return html`<a href="${address({ filters: { agent: name } })}" title="${label}: show them">${shown}</a>`;
}

/**
 * @param {Agent} agent
 * @param {AgentList["today"]} known
 */
function calls({ name, today }, known) {
  if (!today) return html`<span class="faint" title="${known === "off" ? "Calls are not counted" : "Calls cannot be read now"}">${UNKNOWN}</span>`;
  const there = address({ page: "costs", query: { range: today.calls > 0 ? "today" : "all", agent: name, show: "calls" } });
  return html`<a data-testid="agent-calls" href="${there}" title="${today.calls > 0 ? "Show the calls of today" : "Show all its calls"}">${count(today.calls)}</a>`;
}

/** @param {Agent} agent */
function cost({ today }) {
  if (!today) return html`<span class="faint">${UNKNOWN}</span>`;
  const { text, label } = costText(today);
  return html`<span title="${label}">${text}</span>`;
}
