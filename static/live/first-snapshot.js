/**
 * Fills the stores with the first snapshot, which comes over HTTP, while the connection already brings what happens: nothing is
 * lost or doubled at the seam.
 */
import { readPreview, readSnapshot } from "./opening.js";
/** @import {Opening, Position, ServiceEvent} from "../lib/types.js" */

const ROWS_PER_PORTION = 400; // of other hosts

export class FirstSnapshot {
  #stores;
  #startConnection;
  /** What the connection has begun with. @type {Position | null} */
  #begin = null;
  /** @type {ServiceEvent[]} */
  #late = []; // what the connection has brought meanwhile
  #isWanted = true;

  /**
   * `startConnection(position)` is called once, as soon as it is known from where the events are needed.
   * @param {import("../stores/stores.js").Stores} stores
   * @param {(position: Position) => void} startConnection
   */
  constructor(stores, startConnection) {
    this.#stores = stores;
    this.#startConnection = startConnection;
  }

  /** Read it into the stores, and apply what has happened since; false if it cannot be had, or is not wanted any more. */
  async read() {
    readPreview().then((preview) => {
      if (!preview || !this.#isWanted) return;
      this.#stores.preview(preview);
      if (this.#begin === null) this.#start(preview);
    });
    try {
      await this.#fill(await readSnapshot((position) => this.#startNoLaterThan(position)));
    } catch {
      this.#isWanted = false;
    }
    return this.#isWanted;
  }

  /**
   * Events for after it.
   * @param {ServiceEvent[]} events
   */
  keep(events) {
    this.#late.push(...events);
  }

  /** The connection has brought a newer one. */
  drop() {
    this.#isWanted = false;
  }

  /** @param {Opening} opening */
  async #fill({ whole: { hosts = [], ...whole }, portions }) {
    if (this.#isWanted) this.#stores.begin({ ...whole, portions: ["tasks"] });
    for (const tasks of portions) {
      if (!this.#isWanted) return;
      this.#stores.add("tasks", tasks);
      await nextTurn();
    }
    for (let start = 0; start < hosts.length; start += ROWS_PER_PORTION) {
      if (!this.#isWanted) return;
      this.#stores.add("hosts", hosts.slice(start, start + ROWS_PER_PORTION));
      await nextTurn();
    }
    if (!this.#isWanted) return;
    this.#stores.finish();
    const since = this.#late.filter(({ seq }) => seq > whole.seq);
    if (since.length > 0) this.#stores.apply(since);
  }

  /**
   * What the connection brings has to begin at the snapshot or before it. Throws if it does not.
   * @param {Position} position
   */
  #startNoLaterThan(position) {
    if (this.#begin === null) this.#start(position);
    else if (this.#begin.epoch !== position.epoch || this.#begin.seq > position.seq) throw new Error("The snapshot is too old.");
  }

  /** @param {Position} position */
  #start({ epoch, seq }) {
    this.#begin = { epoch, seq };
    this.#startConnection(this.#begin);
  }
}

/**
 * Fulfilled in a turn of its own, so that a frame can be drawn before what follows.
 * @returns {Promise<void>}
 */
function nextTurn() {
  const { port1, port2 } = new MessageChannel(); // a timer would wait for 4 ms
  return new Promise((fulfil) => {
    port1.onmessage = () => {
      port1.close();
      fulfil();
    };
    port2.postMessage(null);
  });
}
