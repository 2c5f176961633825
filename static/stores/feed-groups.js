/** Events of the feed as its entries: a run of equal ones, such as thirty removals at once, is one entry. */
/** @import {ServiceEvent} from "../lib/types.js" */
/** An entry, newest first: its newest event, and all of them. @typedef {{key: string, event: ServiceEvent, events: ServiceEvent[]}} FeedEntry */

const LEAST = 4;
const APART_MS = 10_000;

/**
 * @param {ServiceEvent[]} events newest first
 * @returns {FeedEntry[]}
 */
export function grouped(events) {
  /** @type {FeedEntry[]} */
  const entries = [];
  for (let first = 0; first < events.length; ) {
    const end = endOfRun(events, first);
    const isGroup = end - first >= LEAST || isRepeated(events, first, end);
    const size = isGroup ? end - first : 1;
    const run = events.slice(first, first + size);
    // Named by its oldest event, so that it stays the same entry while it grows.
    const { epoch, seq } = run[run.length - 1];
    entries.push({ key: `${epoch}.${seq}`, event: run[0], events: run });
    first += size;
  }
  return entries;
}

/**
 * @param {ServiceEvent[]} events
 * @param {number} first
 */
function endOfRun(events, first) {
  let end = first + 1;
  while (end < events.length && isEqual(events[end - 1], events[end])) end += 1;
  return end;
}

/**
 * The same again and again: of one task, or of the service.
 * @param {ServiceEvent[]} events
 * @param {number} first
 * @param {number} end
 */
function isRepeated(events, first, end) {
  return end - first > 1 && new Set(events.slice(first, end).map(subject)).size === 1;
}

/**
 * @param {ServiceEvent} newer
 * @param {ServiceEvent} older
 */
function isEqual(newer, older) {
  return newer.type === older.type && Date.parse(newer.time) - Date.parse(older.time) <= APART_MS;
}

/** @param {ServiceEvent} event */
function subject(event) {
  if ("task" in event) return `${event.task.id} ${JSON.stringify("changed" in event ? event.changed : null)}`;
  return "root" in event ? event.root : event.type;
}
