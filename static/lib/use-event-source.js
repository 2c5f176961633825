/**
 * Follow a stream of the dashboard from any page, or from Node: `useEventSource(topic, handlers)`.
 *
 * It resumes after the last event that it gave, so nothing is missed while the connection is down; if that cannot be (the
 * service was restarted, too much has happened) a `snapshot` comes instead.
 */
import { followStream } from "./event-stream.js";
/** @import {StreamMessage, StreamState, StreamTimes} from "./event-stream.js" */

/** @typedef {{seq: number, epoch: string, type: string, time: string} & Record<string, any>} StreamEvent */
/** What is called with each event of that type; "snapshot" with the state of the topic; "*" with all that has no other. */
/** @typedef {Record<string, (event: StreamEvent) => void>} StreamHandlers */

/**
 * @typedef {object} TopicOptions
 * @property {string} [base] Where the dashboard is; without it, where the page comes from.
 * @property {string | null} [token] Sent as a header.
 * @property {string | null} [since] `<epoch>.<seq>`: what the caller has already.
 * @property {(state: StreamState, problem: unknown) => void} [onState] "failed": the service refused, and nothing is tried again.
 */
/** @typedef {TopicOptions & StreamTimes} StreamOptions */

/** @typedef {{close: () => void, readonly state: StreamState, readonly position: string | null}} Stream */

/**
 * Follow a topic (`insights`, `tasks`, ...) until `close()`.
 * @param {string} topic
 * @param {StreamHandlers} handlers
 * @param {StreamOptions} [options]
 * @returns {Stream}
 */
export function useEventSource(topic, handlers, options = {}) {
  const { base = "", token = null, onState, silence_ms = 40_000, least_ms, most_ms } = options;
  const url = `${base}/streams/${encodeURIComponent(topic)}`;
  let position = options.since ?? null;

  function request() {
    /** @type {Record<string, string>} */
    const headers = {};
    if (position) headers["Last-Event-ID"] = position;
    if (token) headers.Authorization = `Bearer ${token}`;
    return { url, headers };
  }

  /** @param {StreamMessage} message */
  function give({ name, id, data }) {
    const handler = handlers[name] ?? handlers["*"];
    if (id) {
      if (name !== "snapshot" && isOld(id, position)) return;
      position = id;
    }
    if (!handler) return;
    try {
      handler(JSON.parse(data));
    } catch (problem) {
      console.error(`a handler of ${name} failed`, problem); // the events that follow are given all the same
    }
  }

  const stream = followStream(request, { onMessage: give, onState }, { silence_ms, least_ms, most_ms });
  return {
    close: () => stream.close(),
    get state() {
      return stream.state;
    },
    get position() {
      return position;
    },
  };
}

/**
 * True if an event is one that was given before: of the same run of the service, and not with a higher number.
 * @param {string} id
 * @param {string | null} position
 */
export function isOld(id, position) {
  if (position === null) return false;
  const [epoch, seq] = parts(id);
  const [last_epoch, last_seq] = parts(position);
  return epoch === last_epoch && seq <= last_seq;
}

/** @param {string} id @returns {[string, number]} */
function parts(id) {
  const dot = id.lastIndexOf(".");
  return [id.slice(0, Math.max(0, dot)), Number(id.slice(dot + 1))];
}
