/** The latest events, newest first, at most `MOST`. */
import { saysOnlyThatOthersChanged } from "./board.js";
import { Store } from "./stores.js";
/** @import {ServiceEvent} from "../lib/types.js" */

const MOST = 300;
const OWN_PAGE = ["artifact.", "job.", "run.", "insight.", "knowledge.", "metrics.", "logs.", "probe."];
// Progress, figures, files and jobs have places of their own; here they would push everything else out.
const QUIET = new Set(["service.progress", "telemetry.update", "cost.update", "evidence.update"]);

export class Feed extends Store {
  /** @type {ServiceEvent[]} */
  entries = [];
  /** @type {Set<string>} */
  #seen = new Set();
  /** @type {ServiceEvent[]} */
  #incoming = [];

  constructor() {
    super(null);
  }

  /** @param {ServiceEvent} event */
  apply(event) {
    this.#incoming.push(event);
  }

  flush() {
    const events = this.#incoming;
    this.#incoming = [];
    this.addAll(events);
  }

  /**
   * Take events in the order in which they happened; mere figures and those already there are left out.
   * @param {ServiceEvent[]} events
   */
  addAll(events) {
    const added = events.filter((event) => !isQuiet(event) && this.#isNew(event));
    if (added.length === 0) return;
    const all = [...this.entries, ...added].sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : b.seq - a.seq));
    this.entries = all.slice(0, MOST);
    this.#seen = new Set(this.entries.map(name));
    this.changed();
  }

  /** @param {ServiceEvent} event */
  #isNew(event) {
    const isNew = !this.#seen.has(name(event));
    this.#seen.add(name(event));
    return isNew;
  }
}

/** @param {ServiceEvent} event */
function isQuiet(event) {
  return QUIET.has(event.type) || OWN_PAGE.some((start) => event.type.startsWith(start)) || saysOnlyThatOthersChanged(event);
}

/** @param {ServiceEvent} event */
function name(event) {
  return `${event.epoch}.${event.seq}`;
}
