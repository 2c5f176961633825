/**
 * Runs the connection beside the page: parsing a snapshot of 20,000 tasks here keeps the page free to scroll, and a busy page
 * does not spoil the measured latency. Hands everything on in portions that the page can digest within a frame.
 */
import { io } from "/vendor/socket.io-client/socket.io.esm.min.js";
import { Connection } from "./connection.js";
/** @import {ConnectionMessage, ServiceEvent, Snapshot} from "../lib/types.js" */

const ITEMS_PER_PORTION = 400;
const EVENTS_PER_MESSAGE = 250;
const GATHER_MS = 8;

/** @type {ServiceEvent[]} */
let events = [];
/** The job whose log is shown: the lines of others would be copied for nothing. @type {string | null} */
let watched = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let sent_at = 0;

/** @param {ConnectionMessage} message */
function pass(message) {
  if (message.type === "event") return gather(message.event);
  flush();
  if (message.type === "snapshot") passSnapshot(message);
  else postMessage(message);
}

/**
 * A lone event goes on at once; in a flood they travel together.
 * @param {ServiceEvent} event
 */
function gather(event) {
  events.push(event.type === "run.output" && event.job !== watched ? { ...event, lines: [] } : event);
  if (events.length >= EVENTS_PER_MESSAGE || performance.now() - sent_at > GATHER_MS) flush();
  else timer ??= setTimeout(flush, GATHER_MS);
}

function flush() {
  clearTimeout(timer);
  timer = undefined;
  if (events.length === 0) return;
  sent_at = performance.now();
  postMessage({ type: "events", events });
  events = [];
}

/** @param {Snapshot} snapshot */
function passSnapshot({ tasks = [], hosts = [], ...head }) {
  postMessage({ ...head, type: "snapshot", portions: ["tasks"] });
  passPortions("tasks", tasks);
  passPortions("hosts", hosts);
  postMessage({ type: "snapshot_end" });
}

/**
 * @param {string} topic
 * @param {unknown[]} all
 */
function passPortions(topic, all) {
  for (let start = 0; start < all.length; start += ITEMS_PER_PORTION) postMessage({ type: "portion", topic, items: all.slice(start, start + ITEMS_PER_PORTION) });
}

const connection = new Connection(io, location.origin, pass);
addEventListener("message", ({ data }) => {
  if (data.type === "wake") connection.wake();
  if (data.type === "watch") watched = data.job;
  if (data.type === "start") connection.start(data.position);
});
