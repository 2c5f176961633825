/** An agent as a row of the list: who, in which state and by what that is known, what it is at, its last sign of life, figures. */
import { UNKNOWN, count, dateTime, fileName, plural } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { agentMark } from "../../ui/agent-mark.js";
import { timeAgo } from "../../ui/age.js";
import { costText } from "../../ui/cost-text.js";
import { RESTS_ON, SIGNS_OF_LIFE, stateOf } from "./states.js";
/** @import {Agent, Overview, TouchedFile, WorkItem} from "./types.js" */

const MOST_FILES = 3;

/** @type {Record<Agent["kind"], string>} */
const KINDS = { agent: "", session: "Session", job: "Job", orchestrator: "Orchestrator", step: "Pipeline step", "sub-agent": "Sub-agent" };
/** @type {Record<WorkItem["kind"], string>} */
const ITEMS = { task: "Task", job: "Job", plan: "Plan", pipeline: "Pipeline", session: "Session" };
/** @type {Record<TouchedFile["rests_on"], string>} */
const WHY = { claim: "its task claims this file", project: "changed in the project that it is at" };

/**
 * The cells of a row.
 * @param {Agent} agent
 * @param {number} depth
 * @param {Overview["today"]} today whether calls are known
 */
export function row(agent, depth, today) {
  return html`<th scope="row" class="c-agent">${who(agent, depth)}</th>
    <td class="c-state">${state(agent)}</td>
    <td class="c-at">${work(agent)}</td>
    <td class="c-last">${lastSign(agent)}</td>
    <td class="c-files">${files(agent.files)}</td>
    <td class="c-calls">${calls(agent, today)}</td>
    <td class="c-cost">${cost(agent, today)}</td>`;
}

/**
 * @param {Agent} agent
 * @param {number} depth
 */
function who({ kind, name, counts }, depth) {
  const all = Object.values(counts).reduce((sum, each) => sum + each, 0);
  const lanes = Object.entries(counts).map(([lane, size]) => `${count(size)} ${lane}`).join(", ");
  const label = kind === "agent" ? null : html`<span class="kind">${depth > 0 ? html`<span class="off-screen">below the agent above: </span>` : null}${KINDS[kind]}</span>`;
  const mark = kind === "agent" || kind === "sub-agent" ? agentMark(name) : html`<span class="agent-name" dir="auto">${name}</span>`;
  const tasks = all > 0 ? html`<a class="tasks" href="${address({ filters: { agent: name } })}" title="${lanes}: show them">${plural(all, "task")}</a>` : null;
  return html`<span class="who" data-depth="${Math.min(depth, 3)}">${mark}${label}${tasks}</span>`;
}

/** @param {Agent} agent */
function state({ state: name, reason, source, since }) {
  const { label, sign } = stateOf(name);
  return html`<span class="agent-state" data-testid="agent-state" data-state="${name}">${icon(sign)}<span>${label}</span>${since ? html`<span class="since">${timeAgo(since, { form: "span", title: `since ${dateTime(since)}` })}</span>` : null}</span>
    <span class="rests-on" data-testid="rests-on" title="${reason}"><span class="by">${RESTS_ON[source] ?? source}:</span> ${reason}</span>`;
}

/** @param {Agent} agent */
function work({ at }) {
  if (at.length === 0) return html`<span class="faint" title="Nothing that is known">${UNKNOWN}</span>`;
  return html`<ul class="items">${at.map(item)}</ul>`;
}

/** @param {WorkItem} item */
function item({ kind, id, label, detail, link, path }) {
  const opens = kind === "task" ? html`data-opens="${id}" data-path="${path ?? ""}"` : null;
  return html`<li><span class="item-kind">${ITEMS[kind]}</span> <a class="${kind === "task" ? "task-link" : "item-link"}" dir="auto" href="${link}" ${opens} title="${label}">${label}</a>${detail ? html` <span class="item-detail" dir="auto">${detail}</span>` : null}</li>`;
}

/** @param {Agent} agent */
function lastSign({ last }) {
  if (!last) return html`<span class="faint" title="No sign of life is known">${UNKNOWN}</span>`;
  const kind = SIGNS_OF_LIFE[last.kind] ?? last.kind;
  return html`${timeAgo(last.at, { title: `${dateTime(last.at)}: ${kind}` })}<span class="sign">${kind}</span>`;
}

/** @param {TouchedFile[]} found */
function files(found) {
  if (found.length === 0) return html`<span class="faint" title="No file changed in the last hour that is known to be its own">${UNKNOWN}</span>`;
  const more = found.length - MOST_FILES;
  return html`<ul class="files">${found.slice(0, MOST_FILES).map(file)}</ul>${more > 0 ? html`<span class="faint">and ${more} more</span>` : null}`;
}

/** @param {Overview["today"]} known */
function notCounted(known) {
  return html`<span class="faint" title="${known === "off" ? "Calls are not counted" : "Calls cannot be read now"}">${UNKNOWN}</span>`;
}

/** @param {TouchedFile} file */
function file({ project, path, change, at, rests_on }) {
  const name = fileName(path);
  const title = `${project}/${path}: ${change}, ${dateTime(at)}; ${WHY[rests_on]}`;
  if (change === "removed") return html`<li class="removed" title="${title}">${name}</li>`;
  return html`<li><a href="${address({ page: "artifacts", item: project, query: { path } })}" title="${title}">${name}</a></li>`;
}

/**
 * @param {Agent} agent
 * @param {Overview["today"]} known
 */
function calls(agent, known) {
  const { today } = agent;
  if (!today) return notCounted(known);
  return html`<a data-testid="agent-calls" href="${callsOf(agent)}" title="${today.calls > 0 ? "Show the calls of today" : "Show all its calls"}">${count(today.calls)}</a>`;
}

/**
 * @param {Agent} agent
 * @param {Overview["today"]} known
 */
function cost(agent, known) {
  const { today } = agent;
  if (!today) return notCounted(known);
  const { text, label } = costText(today);
  return html`<a href="${callsOf(agent)}" title="${label}">${text}</a>`;
}

/**
 * Where the calls of an agent are; those of a job are on its own page.
 * @param {Agent} agent
 */
function callsOf({ kind, name, session, today, at }) {
  const range = today && today.calls > 0 ? "today" : "all";
  if (kind === "job" || (kind === "step" && !session) || kind === "orchestrator") return at[0]?.link ?? address({ page: "jobs" });
  const agent = kind === "agent" || kind === "sub-agent" ? name : null;
  return address({ page: "costs", query: { range, agent, session, show: "calls" } });
}
