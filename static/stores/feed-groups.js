/**
 * Events of the feed as its entries: a run of equal ones, such as thirty removals at once, is one entry. Files of a project and calls
 * of an agent come all the time and between others: those within a minute are one, where the newest of them is.
 */
import { agentOf } from "./feed-kinds.js";
/** @import {ServiceEvent} from "../lib/types.js" */
/** An entry, newest first: its newest event, and all of them. @typedef {{key: string, event: ServiceEvent, events: ServiceEvent[]}} FeedEntry */

const LEAST = 4;
const APART_MS = 10_000;
const MANY_APART_MS = 60_000;

/**
 * @param {ServiceEvent[]} events newest first
 * @returns {FeedEntry[]}
 */
export function grouped(events) {
  /** @type {FeedEntry[]} */
  const entries = [];
  /** @type {Map<string, FeedEntry>} */
  const streams = new Map(); // what comes all the time -> its last entry
  for (let first = 0; first < events.length; ) {
    const stream = streamOf(events[first]);
    if (stream !== null) {
      joined(entries, streams, stream, events[first]);
      first += 1;
      continue;
    }
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
 * Put an event into the entry of its stream, or begin one.
 * @param {FeedEntry[]} entries
 * @param {Map<string, FeedEntry>} streams
 * @param {string} stream
 * @param {ServiceEvent} event
 */
function joined(entries, streams, stream, event) {
  const known = streams.get(stream);
  const key = `${event.epoch}.${event.seq}`;
  if (known && Date.parse(/** @type {ServiceEvent} */ (known.events.at(-1)).time) - Date.parse(event.time) <= MANY_APART_MS) {
    known.events.push(event);
    known.key = key;
    return;
  }
  const entry = { key, event, events: [event] };
  streams.set(stream, entry);
  entries.push(entry);
}

/**
 * The stream of an event that comes all the time; null for others.
 * @param {ServiceEvent} event
 */
function streamOf(event) {
  if (event.type === "telemetry.update") return `calls ${agentOf(event)}`;
  return event.type.startsWith("artifact.") && event.type !== "artifact.moved" && "project" in event ? `files ${event.project}` : null;
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
  if ("task" in event && typeof event.task === "object") return `${event.task.id} ${JSON.stringify("changed" in event ? event.changed : null)}`;
  return "root" in event ? event.root : event.type;
}
