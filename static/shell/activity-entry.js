/** An entry of the activity: one event, or several of one kind in a row. */
import { clock, dateTime, plural } from "../lib/format.js";
import { element, html, icon, render } from "../lib/html.js";
import { address } from "../lib/router.js";
import { kindOf } from "../stores/feed-kinds.js";
import { signOf, subjectOf, textOf } from "./activity-text.js";
/** @import {ServiceEvent, Task} from "../lib/types.js" */
/** @import {FeedEntry} from "../stores/feed-groups.js" */

const MOST_LISTED = 100; // of a group
/** @type {Record<string, string>} */
const NOUNS = { tasks: "task", files: "file", jobs: "job", agents: "session", plans: "plan" };

/** An empty one, to be filled. @param {FeedEntry} entry */
export function make({ event }) {
  return element(html`<li class="entry" data-testid="activity-item" data-type="${event.type}" data-kind="${kindOf(event)}" data-tone="${signOf(event.type).tone}"></li>`);
}

/**
 * Show an entry, unless it is shown already.
 * @param {HTMLElement} item
 * @param {FeedEntry} entry
 */
export function fill(item, { event, events }) {
  if (item.dataset.seq === String(event.seq) && item.dataset.size === String(events.length)) return;
  [item.dataset.seq, item.dataset.size, item.dataset.type] = [String(event.seq), String(events.length), event.type];
  const { icon: sign } = signOf(event.type);
  const isOpen = item.querySelector("details")?.open;
  render(item, html`<span class="entry-icon">${icon(sign)}</span>
    <div class="entry-body">${events.length > 1 ? many(events) : single(event)}</div>
    <time class="entry-time" title="${dateTime(event.time)}" datetime="${event.time}">${clock(event.time)}</time>`);
  item.querySelector("details")?.toggleAttribute("open", isOpen ?? false);
}

/** @param {ServiceEvent} event */
function single(event) {
  const { verb, detail } = textOf(event);
  return html`${subject(event)}<p class="entry-text"><strong>${verb}</strong> ${detail}</p>`;
}

/** @param {ServiceEvent} event */
function subject(event) {
  if ("task" in event && typeof event.task === "object") return title(event.task);
  const found = subjectOf(event);
  if (!found) return null;
  return found.href ? html`<a class="entry-title" dir="auto" href="${found.href}" title="${found.label}">${found.label}</a>` : html`<span class="entry-title" dir="auto">${found.label}</span>`;
}

/** @param {ServiceEvent[]} events */
function many(events) {
  const [newest] = events;
  if (newest.type === "telemetry.update") {
    const size = events.reduce((sum, event) => sum + ("calls" in event && typeof event.calls === "number" ? event.calls : 1), 0);
    const models = new Set(events.map((event) => ("invocation" in event ? event.invocation.model_name : null)).filter(Boolean));
    return html`${subject(newest)}<p class="entry-text"><strong>Called</strong> ${plural(size, "time")}: ${[...models].join(", ") || "a model"}</p>`;
  }
  const subjects = new Map(events.map((event) => [name(event), event]));
  if (subjects.size < 2) return html`${single(newest)}<p class="entry-text">${events.length} times</p>`;
  const shown = [...subjects.values()].slice(0, MOST_LISTED);
  const what = NOUNS[kindOf(newest) ?? ""] ?? "thing";
  const where = what === "file" && "project" in newest ? ` in ${newest.project}` : "";
  const verb = what === "file" ? "Files changed:" : textOf(newest).verb;
  return html`<details class="entry-fold"><summary class="entry-text"><strong>${verb}</strong> ${plural(subjects.size, what)}${where}</summary>
    <ul>${shown.map((event) => html`<li>${subject(event)}</li>`)}</ul>${subjects.size > shown.length ? html`<p class="hint">and ${subjects.size - shown.length} more</p>` : null}</details>`;
}

/** @param {ServiceEvent} event */
function name(event) {
  return "task" in event && typeof event.task === "object" ? event.task.id : (subjectOf(event)?.label ?? event.type);
}

/** @param {Task} task */
function title(task) {
  const path = task.key === task.id ? null : task.path;
  return html`<a class="entry-title task-link" dir="auto" href="${address({ task: task.id, path })}" data-opens="${task.id}" data-path="${path ?? ""}" title="${task.id}">${task.title}</a>`;
}
