/**
 * The hosts of the board and what the others share, by observer, collection and key. It is loaded when there is a second host.
 * `revision` rises with each change of a host; announces `change` (detail: `{observer, collection, keys}`, null: all is different) for
 * each change of what others share; before null `begin` and `portion` (detail: rows), for who prepares what is coming; `forget` (detail: the id) when a host is none of the
 * board any more. Values come from other hosts: their texts are only shown as text.
 */
import { signal } from "../lib/signals.js";
import { entriesOf } from "./host-entries.js";
import { Store } from "./stores.js";
/** @import {HostRow, Markup, Member, MembersSnapshot, ServiceEvent} from "../lib/types.js" */
/** @typedef {Map<string, Map<string, Map<string, any>>>} Rows observer → collection → key → value */
/** @typedef {{observer: string, collection: string, keys: Set<string>}} HostChange */

/** @extends {Store<{change: HostChange | null, begin: undefined, portion: HostRow[], forget: string}>} */
export class Hosts extends Store {
  /** The id of this host. */
  self = "";
  /** The name of the board. */
  board = "";
  /** How this host is doing with writing to the board. @type {MembersSnapshot["journal"] | null} */
  journal = null;
  /** By observer, this host first. @type {Map<string, Member>} */
  members = new Map();
  /** @type {Rows} */
  #rows = new Map();
  /** @type {{members: MembersSnapshot | null, rows: Rows} | null} */
  #next = null;
  /** By collection. @type {Map<string, import("../lib/types.js").Signal<number>>} */
  #revisions = new Map();

  #mark;

  /** @param {(member: Member, label: string) => Markup} mark says of which host something is */
  constructor(mark) {
    super(null);
    this.#mark = mark;
  }

  /**
   * A mark of a host; null where there is no other.
   * @param {string} observer
   */
  markOf(observer) {
    const member = this.members.get(observer);
    return this.isMany && member ? this.#mark(member, this.labelOf(observer)) : null;
  }

  /**
   * A snapshot is coming: the members, null where this dashboard is on no board any more, and the first rows.
   * @param {any} members
   * @param {any[]} [rows]
   */
  begin(members, rows = []) {
    this.#next = { members, rows: new Map() };
    this.emit("begin");
    this.add(rows);
  }

  /** @param {any[]} rows */
  add(rows) {
    const into = this.#next?.rows ?? this.#rows;
    for (const { observer, collection, key, value } of /** @type {HostRow[]} */ (rows)) put(into, observer, collection, key, value);
    if (this.#next) this.emit("portion", rows);
  }

  /** It is complete: show it. */
  finish() {
    if (!this.#next) return;
    const { members, rows } = this.#next;
    this.#next = null;
    this.#rows = rows;
    this.#takeMembers(members);
    this.emit("change", null);
    this.#raiseAll();
  }

  /**
   * Apply events about other hosts, in their order.
   * @param {any} events
   */
  apply(events) {
    /** @type {Map<string, HostChange>} */
    const changes = new Map();
    for (const event of /** @type {any[]} */ (events)) {
      if (event.type.startsWith("member.")) this.#applyMember(event);
      else this.#applyEntries(event, changes);
    }
    for (const change of changes.values()) {
      this.emit("change", change);
      this.#raise(change.collection);
    }
  }

  /**
   * A newer account of the hosts, as `GET /api/members` gives it.
   * @param {MembersSnapshot} answer
   */
  correct(answer) {
    this.#takeMembers(answer);
  }

  /** True while there is another host. */
  get isMany() {
    return this.members.size > 1;
  }

  /** The ids of the other hosts. */
  get others() {
    return [...this.members.keys()].filter((observer) => observer !== this.self);
  }

  /**
   * What a host is called; one that did not say so, by its id.
   * @param {string} observer
   */
  labelOf(observer) {
    const { label, host } = this.members.get(observer) ?? {};
    return label || host || observer.slice(0, 8);
  }

  /**
   * True if what is shown of a host is the truth now. What is not live is never said to run.
   * @param {string} observer
   */
  isLive(observer) {
    return observer === this.self || this.members.get(observer)?.state === "live";
  }

  /**
   * An entry; undefined if there is none.
   * @param {string} observer
   * @param {string} collection
   * @param {string} key
   */
  get(observer, collection, key) {
    return this.#rows.get(observer)?.get(collection)?.get(key);
  }

  /**
   * In an effect: it runs again when entries of a collection have changed.
   * @param {string} collection
   */
  follow(collection) {
    this.#revisionOf(collection).value;
  }

  /**
   * All entries of a collection, of all other hosts.
   * @param {string} collection
   * @returns {HostRow[]}
   */
  rowsOf(collection) {
    return [...this.#rows].flatMap(([observer, collections]) => [...(collections.get(collection) ?? [])].map(([key, value]) => ({ observer, collection, key, value })));
  }

  /** @param {MembersSnapshot | null} answer */
  #takeMembers(answer) {
    this.self = answer?.self ?? "";
    this.journal = answer?.journal ?? null;
    this.board = answer?.board ?? "";
    this.members = new Map((answer?.members ?? []).map((member) => [member.observer, member]));
    this.changed();
  }

  /** @param {{type: string, member?: Member, observer?: string}} event */
  #applyMember({ type, member, observer = "" }) {
    if (type === "member.updated" && member) {
      this.members.set(member.observer, member);
    } else if (type === "member.removed") {
      this.members.delete(observer);
      this.#rows.delete(observer);
      this.emit("forget", observer);
      this.#raiseAll();
    }
    this.changed();
  }

  /**
   * @param {any} event
   * @param {Map<string, HostChange>} changes
   */
  #applyEntries(event, changes) {
    const { observer } = event.origin;
    for (const { collection, key, value } of entriesOf(event)) {
      put(this.#rows, observer, collection, key, value);
      const name = `${observer} ${collection}`;
      const change = changes.get(name) ?? { observer, collection, keys: new Set() };
      change.keys.add(key);
      changes.set(name, change);
    }
  }

  #raiseAll() {
    for (const collection of this.#revisions.keys()) this.#raise(collection);
  }

  /** @param {string} collection */
  #raise(collection) {
    const revision = this.#revisionOf(collection);
    revision.value = revision.peek() + 1;
  }

  /** @param {string} collection */
  #revisionOf(collection) {
    const known = this.#revisions.get(collection) ?? signal(0);
    this.#revisions.set(collection, known);
    return known;
  }
}

/**
 * An entry is new, different, or gone (null). One that is no object is none.
 * @param {Rows} rows
 * @param {string} observer
 * @param {string} collection
 * @param {string} key
 * @param {unknown} value
 */
function put(rows, observer, collection, key, value) {
  if (typeof observer !== "string" || typeof key !== "string") return;
  let collections = rows.get(observer);
  if (!collections) rows.set(observer, (collections = new Map()));
  let entries = collections.get(collection);
  if (!entries) collections.set(collection, (entries = new Map()));
  if (typeof value === "object" && value !== null && !Array.isArray(value)) entries.set(key, value);
  else entries.delete(key);
}
