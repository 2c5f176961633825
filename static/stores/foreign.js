/**
 * Separates what other hosts of the board say from what this one does. What others say never reaches the stores of this workspace;
 * it goes to the store of hosts, which is loaded when there is a second host.
 */
/** @import {Origin, ServiceEvent, SnapshotHead} from "../lib/types.js" */
/** @typedef {import("./hosts.js").Hosts} Hosts */

export class Foreign {
  #load;
  /** The id of this host; null: it is on no board. @type {string | null} */
  #self = null;
  /** @type {Hosts | null} */
  #hosts = null;
  #isLoading = false;
  #isWanted = false;
  /** What the store is given when it is there. @type {((hosts: Hosts) => void)[]} */
  #waiting = [];

  /** @param {() => Promise<Hosts>} load loads the store */
  constructor(load) {
    this.#load = load;
  }

  /**
   * A snapshot has come; rows of other hosts that it does not have follow by `add`.
   * @param {SnapshotHead} head
   */
  begin({ members, hosts = [] }) {
    this.#self = members?.self ?? null;
    this.#waiting = [];
    this.#pass((store) => store.begin(members ?? null, hosts));
    if (hosts.length > 0 || (members?.members.length ?? 0) > 1) this.#want();
  }

  /** @param {any[]} rows of a snapshot */
  add(rows) {
    this.#pass((store) => store.add(rows));
    this.#want();
  }

  /** The snapshot is complete. */
  finish() {
    this.#pass((store) => store.finish());
  }

  /**
   * The events for the stores of this workspace: in the place of each that is about another host is one that says nothing, so that
   * numbers stay without gaps.
   * @param {ServiceEvent[]} events
   * @returns {ServiceEvent[]}
   */
  own(events) {
    const foreign = events.filter((event) => this.#isForeign(event));
    if (foreign.length === 0) return events;
    this.#pass((store) => store.apply(foreign));
    this.#want();
    return events.map((event) => (this.#isForeign(event) ? { type: "host.event", seq: event.seq, epoch: event.epoch, time: event.time } : event));
  }

  /** Load what could not be loaded. */
  retry() {
    if (this.#isWanted) this.#want();
  }

  /** @param {ServiceEvent} event */
  #isForeign(event) {
    const { type, origin } = /** @type {{type: string, origin?: Origin | string}} */ (event);
    if (type.startsWith("member.")) return true;
    // The origin of an insight is another thing: a text.
    return typeof origin === "object" && origin !== null && origin.observer !== this.#self;
  }

  /** @param {(hosts: Hosts) => void} action */
  #pass(action) {
    if (this.#hosts) action(this.#hosts);
    else this.#waiting.push(action);
  }

  #want() {
    this.#isWanted = true;
    if (this.#hosts || this.#isLoading) return;
    this.#isLoading = true;
    this.#load().then(
      (hosts) => {
        this.#hosts = hosts;
        this.#isLoading = false;
        for (const action of this.#waiting.splice(0)) action(hosts);
      },
      () => (this.#isLoading = false), // it is tried again when the connection is back
    );
  }
}
