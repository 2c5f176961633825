/** The short facts about a task, beside its text. */
import { bytes, dateTime, sentenceCase } from "../../../lib/format.js";
import { flag, html } from "../../../lib/html.js";
import { FLAGS, agentMark, priorityMark } from "../marks.js";

const TIMES = ["created_at", "assigned_at", "started_at", "completed_at", "modified_at"];
const PLAIN = ["mode", "estimated_hours", "batch", "milestone", "initiative", "specification"];

const SAID_ELSEWHERE = ["status_contradicts_lane", "duplicate_id"];
const LONG = 26;

// Fields of the file that the summary already tells, under the name that it has there.
const TOLD = {
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

/** Markup of the facts. */
export function properties(task) {
  const rows = [
    ["Lane", sentenceCase(task.lane)],
    ["Status", task.status ? html`${task.status}${contradiction(task)}` : null],
    ["Priority", priorityMark(task.priority)],
    ["Agent", agentMark(task.agent)],
    ...TIMES.map((name) => [sentenceCase(name.replace("_at", "")), task[name] ? time(task[name]) : null]),
    ["Tags", task.tags.length ? task.tags.map((tag) => html`<span class="tag">${tag}</span> `) : null],
    ...PLAIN.map((name) => [sentenceCase(name), task[name]]),
    ["Size", bytes(task.size_bytes)],
    ["Remarks", remarks(task)],
  ].filter(([, value]) => value);
  return html`<dl class="properties">
    ${rows.map(([name, value]) => html`<div ${flag(isLong(name, value), "data-long")}><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

/** True if a field of the file says nothing beyond what the facts show. */
export function isTold(key, value, task) {
  if (!Object.hasOwn(TOLD, key)) return false;
  const told = task[TOLD[key]];
  if (Array.isArray(told)) return Array.isArray(value) && value.every((item, index) => String(item) === told[index]);
  if (TOLD[key].endsWith("_at")) return value === null || Date.parse(value) === Date.parse(told) || value === told;
  return value === null || String(value).trim().toLowerCase() === String(told).toLowerCase();
}

function isLong(name, value) {
  return name === "Tags" || name === "Remarks" || (typeof value === "string" && value.length > LONG);
}

function time(text) {
  return html`<time datetime="${text}" title="${text}">${dateTime(text)}</time>`;
}

function contradiction({ flags, lane }) {
  return flags.includes("status_contradicts_lane")
    ? html` <span class="chip" data-status="contradicts">but lies in ${lane}</span>`
    : null;
}

function remarks({ flags, duplicates }) {
  const texts = flags.filter((name) => !SAID_ELSEWHERE.includes(name)).map((name) => FLAGS[name] ?? sentenceCase(name));
  texts.push(...duplicates.map(({ path }) => `The same id is in ${path}`));
  return texts.length
    ? html`<ul class="remarks">${[...new Set(texts)].map((text) => html`<li>${text}</li>`)}</ul>`
    : null;
}
