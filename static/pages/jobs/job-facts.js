/** What is shown of a job beside its name: status, figures, why it waits, what it asks. */
import { UNKNOWN, count, dateTime, duration, moment, money, percent, plural, tokens } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { exitText, statusOf } from "./statuses.js";
/** @import {Job} from "../../lib/types.js" */

/** @param {Pick<Job, "status">} job */
export function statusMark({ status }) {
  const { label, sign } = statusOf(status);
  return html`<span class="status-label job-status" data-status="${status}" data-testid="job-status">${icon(sign)}${label}</span>`;
}

/** What wants attention: it asks something, its file is broken, why it waits, why it failed. @param {Job} job */
export function notesOf(job) {
  const asks = job.status === "in_progress" ? job.waiting_for_input : null;
  return [
    asks !== null && asks !== undefined ? html`<p class="job-asks" data-testid="job-asks">${icon("alert")}<span><strong>Waits for your input</strong> ${asks}</span></p>` : null,
    job.status === "in_progress" && job.rate_limit ? html`<p class="job-note is-warn" data-testid="job-limit">${icon("alert")}${limitText(job.rate_limit)}</p>` : null,
    job.problem ? html`<p class="job-note is-bad">${job.problem}</p>` : null,
    job.status === "pending" && job.queue_reason ? html`<p class="job-note" data-testid="job-queue">${icon("clock")}${job.queue_reason}</p>` : null,
    job.error_message ? html`<p class="job-note is-bad" data-testid="job-error">${job.error_message}</p>` : null,
    job.survivors ? html`<p class="job-note is-bad" data-testid="job-survivors">${icon("alert")}${plural(job.survivors, "process", "processes")} of it still ${job.survivors === 1 ? "runs" : "run"}, and nothing supervises them. Stop ends them.</p>` : null,
    job.status === "unknown" && !job.error_message ? html`<p class="job-note">How it ended is not known: what watched over it was killed.</p>` : null,
  ];
}

/**
 * The rate limit that an agent reported, as a sentence; null without one.
 * @param {Job["rate_limit"]} limit
 */
export function limitText(limit) {
  if (!limit) return null;
  const kind = limit.type ? ` (${limit.type.replaceAll("_", " ")})` : "";
  const used = typeof limit.utilization === "number" ? `, ${percent(limit.utilization)} used` : "";
  return `${limit.status === "rejected" ? "Rate limit reached" : "Rate limit is near"}${kind}${used}${limit.resets_at ? `; it resets ${dateTime(limit.resets_at)}` : ""}`;
}

/** How far the to-dos are; null if it has none. @param {Job} job */
export function todosOf({ todos_done: done, todos_total: total, current_todo: current }) {
  if (!total) return null;
  return html`<div class="job-todos" title="${current ?? ""}"><progress max="${total}" value="${done ?? 0}" aria-label="To-dos"></progress><span>${done ?? 0} of ${total}</span>${current ? html`<span class="todo-now">${current}</span>` : null}</div>`;
}

/** How long it ran, or runs. @param {Job} job */
export function durationOf(job) {
  if (!job.started_at) return null;
  if (job.status === "in_progress") return timeAgo(job.started_at, { form: "span", title: `since ${dateTime(job.started_at)}` });
  return job.finished_at ? duration(moment(job.finished_at) - moment(job.started_at)) : null;
}

/** Each with the address of what it rests on. @param {Job} job @returns {{name: string, label: string, value: unknown, title: string, href: string}[]} */
export function figuresOf(job) {
  const shared = job.shared_lines ? "Another job writes into the same project: the lines are shared, and charged to nobody." : "";
  const lines = job.lines_written === null ? UNKNOWN : `${count(job.lines_written)}${job.shared_lines ? " shared" : ""}`;
  const at = (/** @type {string} */ tab) => address({ page: "jobs", item: job.id, query: { tab } });
  const calls = address({ page: "costs", query: { range: "all", job: job.id, show: "calls" } });
  return [
    { name: "lines", href: at("files"), label: "Lines written", value: lines, title: shared || "By how many lines the project's files grew" },
    { name: "rate", href: at("files"), label: "Lines per hour", value: job.lines_per_hour === null ? UNKNOWN : count(job.lines_per_hour), title: "" },
    { name: "log", href: address({ page: "jobs", item: job.id }), label: "Log lines", value: tokens(job.log_lines), title: plural(job.log_lines, "line") },
    { name: "cost", href: calls, label: "Cost", value: money(job.cost_usd), title: `${job.cost_usd === null ? "The cost of its calls is not known" : "Of the calls that name the job, or come from its sessions: show them"}` },
    { name: "time", href: at("runs"), label: "Time", value: durationOf(job) ?? UNKNOWN, title: job.started_at ? `Started ${dateTime(job.started_at)}` : "It has not started" },
    { name: "exit", href: at("runs"), label: "Exit", value: job.exit_code ?? exitText(job) ?? UNKNOWN, title: exitText(job) ?? "It has not ended" },
  ];
}

/** What it is called: the first line of its specification, else its id. @param {Job} job */
export function titleOf({ id, specification }) {
  return specification.split("\n").find((line) => line.trim())?.replace(/^#+\s*/, "").trim() || id;
}
