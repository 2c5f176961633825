/** The short facts about a task, beside its text. */
import { bytes, dateTime, sentenceCase } from "../../../lib/format.js";
import { flag, html } from "../../../lib/html.js";
import { agentMark } from "../../../ui/agent-mark.js";
import { flagName, priorityMark } from "../marks.js";
/** @import {Task} from "../../../lib/types.js" */

const TIMES = /** @type {const} */ (["created_at", "assigned_at", "started_at", "completed_at", "modified_at"]);
const PLAIN = /** @type {const} */ (["mode", "estimated_hours", "batch", "milestone", "initiative", "specification"]);

const SHOWN_ELSEWHERE = ["status_contradicts_lane", "duplicate_id"];
const LONG = 26;
const IN_HEAD = ["Lane", "Priority", "Agent"];

/** Fields of the file that the facts already show, by their name there. @type {Record<string, keyof Task>} */
const FACT_NAMES = {
  ...Object.fromEntries(
    ["id", "title", "agent", "status", "priority", "tags", ...TIMES, ...PLAIN].map((name) => [name, name]),
  ),
  task_id: "id",
  assignee: "agent",
  created: "created_at",
  created_date: "created_at",
  completed: "completed_at",
  labels: "tags",
};

/**
 * Markup of the facts.
 * @param {Task} task
 */
export function properties(task) {
  const rows = /** @type {[string, unknown][]} */ ([
    ["Lane", sentenceCase(task.lane)],
    ["Status", task.status ? html`${task.status}${contradiction(task)}` : null],
    ["Priority", priorityMark(task.priority)],
    ["Agent", agentMark(task.agent)],
    ...TIMES.map((name) => [sentenceCase(name.replace("_at", "")), task[name] ? time(task[name]) : null]),
    ["Tags", task.tags.length ? task.tags.map((tag) => html`<span class="tag">${tag}</span> `) : null],
    ...PLAIN.map((name) => [sentenceCase(name), task[name]]),
    ["Size", bytes(task.size_bytes)],
    ["Remarks", remarks(task)],
  ]).filter(([, value]) => value);
  return html`<dl class="properties">
    ${rows.map(([name, value]) => html`<div ${flag(isLong(name, value), "data-long")} ${flag(IN_HEAD.includes(name), "data-in-head")}><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

/**
 * True if a field of the file adds nothing to what the facts show.
 * @param {string} key
 * @param {any} value
 * @param {Task} task
 */
export function isShownAsFact(key, value, task) {
  if (!Object.hasOwn(FACT_NAMES, key)) return false;
  const shown = task[FACT_NAMES[key]];
  if (Array.isArray(shown)) return Array.isArray(value) && value.every((item, index) => String(item) === shown[index]);
  if (FACT_NAMES[key].endsWith("_at")) return value === null || Date.parse(value) === Date.parse(String(shown)) || value === shown;
  // A quantity is a number there, and as written here.
  if (typeof value === "number") return value === Number(shown) || String(value) === shown;
  return value === null || String(value).trim().toLowerCase() === String(shown).toLowerCase();
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function isLong(name, value) {
  return name === "Tags" || name === "Remarks" || (typeof value === "string" && value.length > LONG);
}

/** @param {string} text */
function time(text) {
  return html`<time datetime="${text}" title="${text}">${dateTime(text)}</time>`;
}

/** @param {Task} task */
function contradiction({ flags, lane }) {
  return flags.includes("status_contradicts_lane")
    ? html` <span class="chip" data-status="contradicts">but is in ${lane}</span>`
    : null;
}

/** @param {Task} task */
function remarks({ flags }) {
  const texts = flags.filter((name) => !SHOWN_ELSEWHERE.includes(name)).map(flagName);
  return texts.length
    ? html`<ul class="remarks">${[...new Set(texts)].map((text) => html`<li>${text}</li>`)}</ul>`
    : null;
}
