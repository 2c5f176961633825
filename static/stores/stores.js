/** What the page knows, by topic: snapshots and events of the service go to every store, and each takes what is its own. */
import { signal } from "../lib/signals.js";
import { Foreign } from "./foreign.js";
/** @import {MaybePosition, Position, Preview, ServiceEvent, SnapshotHead, Topics} from "../lib/types.js" */
/** @typedef {{tasks: import("./board.js").Board, evidence: import("./evidence.js").Evidence, costs: import("./costs.js").Costs, artifacts: import("./artifacts.js").Artifacts, jobs: import("./jobs.js").Jobs, plans: import("./plans.js").Plans, pipelines: import("./pipelines.js").Pipelines}} StoreByTopic */

/**
 * An `EventTarget` whose events are known: their names, and what their details are.
 * @template Details
 * @typedef {{addEventListener<Name extends keyof Details & string>(name: Name, handler: (event: CustomEvent<Details[Name]>) => unknown, options?: AddEventListenerOptions): void} & EventTarget} Announcer
 */
const Announcing = /** @type {new <Details>() => Announcer<Details>} */ (EventTarget);

/**
 * The base of all stores, and a store by itself for a topic that needs no other: it holds the snapshot and announces every
 * event as `event`. `revision` rises with each change of what is shown; an effect that reads it runs again.
 * @template [Details=any]
 * @extends {Announcing<Details>}
 */
export class Store extends Announcing {
  topic;
  revision = signal(0);
  /** @type {any} */
  snapshot = undefined;
  /** Why the first snapshot of a store that was added late could not be had; it is asked for again when the connection is back. @type {Error | null} */
  unfilled = null;
  /** @type {any[]} */
  #incoming = [];

  /**
   * `topic` is the key of its snapshots; null: it has none and is fed by events alone.
   * @param {string | null} topic
   */
  constructor(topic) {
    super();
    this.topic = topic;
  }

  /**
   * Take the topic's part of a snapshot; undefined where the service has none.
   * @param {any} snapshot
   */
  take(snapshot) {
    this.snapshot = snapshot;
    this.changed();
  }

  /**
   * Apply one event; those of other topics are ignored.
   * @param {ServiceEvent} event
   */
  apply(event) {
    this.emit("event", event);
  }

  /**
   * What is at the top of the very first snapshot: to be shown until that is complete.
   * @param {Preview} _preview
   */
  preview(_preview) {}

  /** All events that came together are applied: announce what has changed. */
  flush() {}

  /**
   * A snapshot in portions begins; what is shown stays until it is complete.
   * @param {SnapshotHead} _head
   */
  begin(_head) {
    this.#incoming = [];
  }

  /**
   * A portion of it.
   * @param {any[]} items
   */
  add(items) {
    this.#incoming.push(...items);
  }

  /** It is complete. */
  finish() {
    this.take(this.#incoming);
    this.#incoming = [];
  }

  /** Announce that what is shown has changed. */
  changed() {
    this.revision.value = this.revision.peek() + 1;
  }

  /**
   * Announce something that only some want to hear.
   * @param {string} name
   * @param {unknown} [detail]
   */
  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

export class Stores {
  /** `{seq, epoch}` of the last event that the stores have applied. */
  position = signal(/** @type {MaybePosition} */ ({ seq: null, epoch: null }));
  /** How many snapshots have come; 0: nothing is known yet. */
  snapshots = signal(0);
  /**
   * Fulfilled when the first snapshot is complete.
   * @type {Promise<void>}
   */
  ready;
  /** The hosts of the board, when there is a second one. */
  hosts = signal(/** @type {import("./hosts.js").Hosts | null} */ (null));
  /** @type {Store[]} */
  #stores = [];
  /** @type {Map<Store, ServiceEvent[]>} */
  #late = new Map(); // store → the events since it asked for its snapshot
  /** @type {Set<Store>} */
  #unfilled = new Set(); // those that asked for it and got none
  #refills = 0; // how often the connection has come back
  #load;
  #foreign;
  /** @type {SnapshotHead | null} */
  #head = null;
  #isReady = () => {};

  /**
   * `load(topic)` asks the service for the snapshot of a topic: `{seq, epoch, [topic]: ...}`; `loadHosts()` gives the store of hosts.
   * @param {(topic: string) => Promise<Position & Record<string, any>>} load
   * @param {() => Promise<import("./hosts.js").Hosts>} [loadHosts]
   */
  constructor(load, loadHosts = () => new Promise(() => {})) {
    this.#load = load;
    this.#foreign = new Foreign(loadHosts);
    this.ready = new Promise((fulfil) => (this.#isReady = fulfil));
  }

  /**
   * Add a store. One that comes after the first snapshot asks for its own; fulfilled when it has it. If it cannot be had, `refill`
   * asks again.
   * @param {Store} store
   */
  async register(store) {
    this.#stores.push(store);
    const isFirst = this.snapshots.peek() === 0 && this.#head === null;
    if (!isFirst && store.topic !== null) await this.#fill(store, store.topic);
  }

  /** Ask again for the snapshots that could not be had. */
  async refill() {
    this.#refills += 1;
    this.#foreign.retry();
    for (const store of [...this.#unfilled]) await this.#fill(store, store.topic ?? "").catch(() => {});
  }

  /**
   * @param {Store} store
   * @param {string} topic
   */
  async #fill(store, topic) {
    /** @type {ServiceEvent[]} */
    const missed = [];
    const began = this.#refills;
    this.#unfilled.delete(store);
    this.#late.set(store, missed);
    const isWaiting = () => this.#late.get(store) === missed; // no snapshot of everything came first
    try {
      const { seq, [topic]: snapshot } = await this.#load(topic);
      if (!isWaiting()) return;
      store.unfilled = null;
      store.take(snapshot);
      for (const event of missed) if (event.seq > seq) store.apply(event);
      store.flush();
    } catch (error) {
      if (isWaiting()) {
        if (this.#refills !== began) return void (await this.#fill(store, topic)); // it is back already, and asks for no more
        this.#unfilled.add(store);
        store.unfilled = /** @type {Error} */ (error);
        store.changed();
      }
      throw error;
    } finally {
      if (isWaiting()) this.#late.delete(store);
    }
  }

  /**
   * The store of a topic; undefined if there is none.
   * @template {string} Topic
   * @param {Topic} topic
   * @returns {Topic extends keyof StoreByTopic ? StoreByTopic[Topic] : Store | undefined}
   */
  get(topic) {
    return /** @type {any} */ (this.#stores.find((store) => store.topic === topic));
  }

  /**
   * What is at the top of the very first snapshot, if that is not there yet.
   * @param {Preview} preview
   */
  preview(preview) {
    if (this.snapshots.peek() === 0) this.#each((store) => store.preview(preview));
  }

  /**
   * A snapshot has come: `{seq, epoch, portions, [topic]: ...}`; the topics that `portions` names follow by `add`.
   * @param {SnapshotHead} head
   */
  begin(head) {
    this.#head = head;
    this.#late.clear();
    this.#unfilled.clear();
    this.#foreign.begin(head);
    this.#each((store) => {
      store.unfilled = null;
      if (store.topic === null) return;
      if (head.portions.includes(store.topic)) store.begin(head);
      else store.take(head[/** @type {keyof Topics} */ (store.topic)]);
    });
  }

  /**
   * A portion of a topic of it.
   * @param {string} topic
   * @param {unknown[]} items
   */
  add(topic, items) {
    if (topic === "hosts") return this.#foreign.add(items);
    this.#each((store) => store.topic === topic && store.add(items));
  }

  /** It is complete. */
  finish() {
    const { seq, epoch, portions } = /** @type {SnapshotHead} */ (this.#head);
    this.#head = null;
    this.#each((store) => store.topic !== null && portions.includes(store.topic) && store.finish());
    this.position.value = { seq, epoch };
    this.snapshots.value = this.snapshots.peek() + 1;
    this.#foreign.finish();
    this.#isReady();
  }

  /**
   * Apply events in their order.
   * @param {ServiceEvent[]} events
   */
  apply(events) {
    const own = this.#foreign.own(events);
    for (const missed of this.#late.values()) missed.push(...own);
    this.#each((store) => {
      for (const event of own) store.apply(event);
      store.flush();
    });
    const { seq, epoch } = events[events.length - 1];
    this.position.value = { seq, epoch };
  }

  /**
   * One store that fails, of whatever page, does not hold up the others.
   * @param {(store: Store) => unknown} action
   */
  #each(action) {
    for (const store of this.#stores) {
      if (this.#late.has(store) || this.#unfilled.has(store)) continue;
      try {
        action(store);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
