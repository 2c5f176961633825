/** A call of the table as markup: its row, and all that is known of it. */
/** @import {Call} from "../../lib/types.js" */
import { count, latency, money, plural, tokens } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeIn } from "../../lib/zone.js";

/** The columns: how each is called, here and as `sort` of the service. @type {{name: string, label: string, isNumber?: boolean}[]} */
export const COLUMNS = [
  { name: "time", label: "Time", isNumber: true },
  { name: "model", label: "Model" },
  { name: "agent", label: "Agent" },
  { name: "task", label: "Task" },
  { name: "project", label: "Project" },
  { name: "input", label: "Input", isNumber: true },
  { name: "output", label: "Output", isNumber: true },
  { name: "cache", label: "Cached", isNumber: true },
  { name: "latency", label: "Latency", isNumber: true },
  { name: "cost", label: "Cost", isNumber: true },
  { name: "status", label: "Status" },
];

/** @type {Record<string, string>} */
const SOURCES = {
  reported: "As the agent reported it",
  priced: "From the price list, at the prices of that day",
  unknown: "No known price",
};
const REQUESTED = "requested, not confirmed";
/** @type {Record<string, string>} */
const FLAGS = { future: "Dated ahead of our clock", skewed: "Dated before 2020" };

/**
 * The cells of a call; the first opens its details.
 * @param {Call} call
 * @param {{zone: string | null, isOpen: boolean}} shown
 */
export function row(call, { zone, isOpen }) {
  const time = timeIn(zone, call.timestamp);
  return html`<td class="c-time"><button type="button" class="row-toggle" aria-expanded="${isOpen}" aria-label="Details of the call at ${time}">${icon("chevron")}<time datetime="${call.timestamp}" title="${time}"><span class="day"><span class="year">${time.slice(0, 5)}</span>${time.slice(5, 10)}</span> ${time.slice(11)}</time></button>${flags(call)}</td>
    <td class="c-model" title="${call.model_name}">${call.model_name ?? nil()}${servedMarks(call)}</td>
    <td class="c-agent" title="${call.agent_name}">${call.agent_name ?? nil()}</td>
    <td class="c-task">${call.task_id ? taskLink(call.task_id) : nil()}</td>
    <td class="c-project" title="${call.project}">${call.project ?? nil()}</td>
    <td class="c-input">${tokens(freshInput(call))}</td>
    <td class="c-output">${tokens(call.completion_tokens)}</td>
    <td class="c-cache">${tokens(cached(call))}</td>
    <td class="c-latency">${latency(call.latency_ms)}</td>
    <td class="c-cost" title="${SOURCES[call.cost_source] ?? call.cost_source}">${cost(call)}</td>
    <td class="c-status">${status(call)}</td>`;
}

/**
 * Everything that is known of a call.
 * @param {Call} call
 * @param {string | null} zone
 */
export function details(call, zone) {
  const rows = [
    ["Time", `${timeIn(zone, call.timestamp)} (${call.timestamp})`],
    ["Cost", html`${cost(call)} <span class="faint">${SOURCES[call.cost_source] ?? call.cost_source}</span>`],
    ["Model", call.model_name],
    ["Provider", call.provider],
    ["Agent", call.agent_name],
    ["Tool", call.tool_name],
    ["Task", call.task_id ? taskLink(call.task_id) : null],
    ["Project", call.project],
    ["Session", call.session_id ? filtered("session", call.session_id) : null],
    ["Job", call.job_id ? filtered("job", call.job_id) : null],
    ["Run", call.run_id],
    [
      "Input tokens",
      `${count(call.prompt_tokens)}, of which ${count(call.cache_read_tokens)} read from a cache and ${count(call.cache_write_tokens)} written to it${call.cache_write_1h_tokens ? ` (${count(call.cache_write_1h_tokens)} for an hour)` : ""}`,
    ],
    ["Web searches", call.web_searches ? count(call.web_searches) : null],
    ["Service tier", requested(call, call.service_tier ?? "standard")],
    ["Region", call.inference_geo ? requested(call, call.inference_geo) : "any"],
    ["Output tokens", count(call.completion_tokens)],
    ["Tokens together", count(call.total_tokens)],
    ["Latency", call.latency_ms === null ? null : `${latency(call.latency_ms)} (${count(call.latency_ms)} ms)`],
    ["Status", call.status],
    ["Error", call.error_message],
    ["Privacy level", call.privacy_level],
    ["Remarks", call.flags?.length ? call.flags.map((flag) => FLAGS[flag] ?? flag).join(", ") : null],
    ["Call id", html`<code>${call.invocation_id}</code>`],
  ];
  return html`<dl class="call-facts" data-testid="call-details">
    ${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value ?? nil()}</dd></div>`)}
  </dl>`;
}

/** @param {Call} call */
function freshInput({ prompt_tokens: all, cache_read_tokens: read, cache_write_tokens: written }) {
  return all - read - written;
}

/** @param {Call} call */
function cached({ cache_read_tokens: read, cache_write_tokens: written }) {
  return read + written;
}

/** @param {Call} call */
function cost({ cost_usd }) {
  return cost_usd === null ? html`<span class="faint">unpriced</span>` : money(cost_usd);
}

/** What the price depends on besides the tokens. @param {Call} call */
function servedMarks(call) {
  const { service_tier: tier, inference_geo: geo, web_searches: searches, unconfirmed } = call;
  const marks = [tier, geo, searches ? plural(searches, "search", "searches") : null].filter(Boolean);
  if (!marks.length && !unconfirmed) return null;
  return html`<span class="call-served">${marks.map((mark) => html`<span class="chip">${mark}</span>`)}${unconfirmed ? html`<span class="faint">${REQUESTED}</span>` : null}</span>`;
}

/**
 * @param {Call} call
 * @param {string} value
 */
function requested({ unconfirmed }, value) {
  return unconfirmed ? `${value} (${REQUESTED})` : value;
}

/** @param {string} id */
function taskLink(id) {
  return html`<a class="task-link" href="${address({ task: id })}" data-opens="${id}" title="${id}">${id}</a>`;
}

/**
 * @param {string} name
 * @param {string} value
 */
function filtered(name, value) {
  return html`<button type="button" class="link narrow" name="${name}" value="${value}" title="Only the calls of this ${name}">${value}</button>`;
}

/** @param {Call} call */
function status({ status: state, error_message: message }) {
  if (state === "success")
    return html`<span class="call-ok">${icon("check")}<span class="status-word">ok</span></span>`;
  return html`<span class="call-bad" title="${message}">${icon(state === "timeout" ? "clock" : "alert")}<span class="status-word">${state}</span></span>`;
}

/** @param {Call} call */
function flags({ flags: names = [] }) {
  return names.map((name) => html`<span class="chip warning" title="${FLAGS[name] ?? name}">${name}</span>`);
}

function nil() {
  return html`<span class="faint">—</span>`;
}
