/** An entry of the activity: one event, or several of one kind in a row. */
import { clock, dateTime, plural } from "../lib/format.js";
import { element, html, icon, render } from "../lib/html.js";
import { address } from "../lib/router.js";
import { kindOf, textOf } from "./activity-text.js";
/** @import {ServiceEvent, Task} from "../lib/types.js" */
/** @import {FeedEntry} from "../stores/feed-groups.js" */

const MOST_LISTED = 100; // of a group

/** An empty one, to be filled. @param {FeedEntry} entry */
export function make({ event }) {
  return element(html`<li class="entry" data-testid="activity-item" data-type="${event.type}" data-tone="${kindOf(event.type).tone}"></li>`);
}

/**
 * Show an entry, unless it is shown already.
 * @param {HTMLElement} item
 * @param {FeedEntry} entry
 */
export function fill(item, { event, events }) {
  if (item.dataset.seq === String(event.seq)) return;
  item.dataset.seq = String(event.seq);
  const { icon: sign } = kindOf(event.type);
  const isOpen = item.querySelector("details")?.open;
  render(item, html`<span class="entry-icon">${icon(sign)}</span>
    <div class="entry-body">${events.length > 1 ? many(events) : single(event)}</div>
    <time class="entry-time" title="${dateTime(event.time)}" datetime="${event.time}">${clock(event.time)}</time>`);
  item.querySelector("details")?.toggleAttribute("open", isOpen ?? false);
}

/** @param {ServiceEvent} event */
function single(event) {
  const { verb, detail } = textOf(event);
  return html`${"task" in event ? title(event.task) : null}<p class="entry-text"><strong>${verb}</strong> ${detail}</p>`;
}

/** @param {ServiceEvent[]} events */
function many(events) {
  const tasks = new Map(events.flatMap((event) => ("task" in event ? [[event.task.id, event.task]] : [])));
  if (tasks.size < 2) return html`${single(events[0])}<p class="entry-text">${events.length} times</p>`;
  const shown = [...tasks.values()].slice(0, MOST_LISTED);
  return html`<details class="entry-fold"><summary class="entry-text"><strong>${textOf(events[0]).verb}</strong> ${plural(tasks.size, "task")}</summary>
    <ul>${shown.map((task) => html`<li>${title(task)}</li>`)}</ul>${tasks.size > shown.length ? html`<p class="hint">and ${tasks.size - shown.length} more</p>` : null}</details>`;
}

/** @param {Task} task */
function title(task) {
  const path = task.key === task.id ? null : task.path;
  return html`<a class="entry-title task-link" dir="auto" href="${address({ task: task.id, path })}" data-opens="${task.id}" data-path="${path ?? ""}" title="${task.id}">${task.title}</a>`;
}
