/** The latest events, newest first: of each kind at most `MOST`, so that none pushes out the others. */
import { FeedAgents } from "./feed-agents.js";
import { agentOf, kindOf } from "./feed-kinds.js";
import { Store } from "./stores.js";
/** @import {ServiceEvent} from "../lib/types.js" */

const MOST = 150;

export class Feed extends Store {
  /** @type {Map<string, ServiceEvent[]>} */
  #byKind = new Map(); // newest first
  /** @type {Set<string>} */
  #seen = new Set();
  /** @type {ServiceEvent[]} */
  #incoming = [];
  /** Whose they are; null until that is asked for, and since others came. @type {FeedAgents | null} */
  #known = null;

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
   * Take events in whatever order; those that the feed does not show and those already there are left out.
   * @param {ServiceEvent[]} events
   */
  addAll(events) {
    /** @type {Map<string, ServiceEvent[]>} */
    const added = new Map();
    for (const event of events) {
      const kind = kindOf(event);
      if (kind === null || !this.#isNew(event)) continue;
      if (!added.has(kind)) added.set(kind, []);
      added.get(kind)?.push(event);
    }
    if (added.size === 0) return;
    for (const [kind, some] of added) this.#byKind.set(kind, [...(this.#byKind.get(kind) ?? []), ...some].sort(newestFirst).slice(0, MOST));
    this.#known = null;
    this.#seen = new Set([...this.#byKind.values()].flat().map(name));
    this.changed();
  }

  /**
   * Those of some kinds (none: all) and of one agent (null: all), newest first.
   * @param {Iterable<string>} [kinds]
   * @param {string | null} [agent]
   */
  list(kinds = [], agent = null) {
    const agents = agent === null ? null : this.#agentsOf;
    return this.#of(kinds).filter((event) => agents === null || agents.of(event) === agent).sort(newestFirst);
  }

  /**
   * How many of some kinds are somebody's, and it cannot be told whose.
   * @param {Iterable<string>} [kinds]
   */
  unknown(kinds = []) {
    const agents = this.#agentsOf;
    return this.#of(kinds).filter((event) => agents.isUnknown(event)).length;
  }

  /** The agents that events name, by name. */
  get agents() {
    return [...new Set(this.#of([]).map(agentOf).filter((agent) => agent !== null))].sort();
  }

  get #agentsOf() {
    return (this.#known ??= new FeedAgents(this.#of([])));
  }

  /** @param {Iterable<string>} kinds */
  #of(kinds) {
    const wanted = new Set(kinds);
    return [...this.#byKind].filter(([kind]) => wanted.size === 0 || wanted.has(kind)).flatMap(([, events]) => events);
  }

  /** @param {ServiceEvent} event */
  #isNew(event) {
    const isNew = !this.#seen.has(name(event));
    this.#seen.add(name(event));
    return isNew;
  }
}

/**
 * @param {ServiceEvent} a
 * @param {ServiceEvent} b
 */
function newestFirst(a, b) {
  return a.time < b.time ? 1 : a.time > b.time ? -1 : b.seq - a.seq;
}

/** @param {ServiceEvent} event */
function name(event) {
  return `${event.epoch}.${event.seq}`;
}
