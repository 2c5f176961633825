/**
 * What waits for the user, as the service last listed it. Events say only that something changed: then it is asked again. `revision`
 * rises with each list; announces `new` (detail: the needs that came since the list before).
 */
import { atMostEvery } from "../lib/signals.js";
import { Store } from "./stores.js";
/** @import {ServiceEvent} from "../lib/types.js" */
/** @import {Need, NeedList} from "../pages/needs-you/types.js" */

const ASK_EVERY_MS = 250;
const LATEST_MS = 2 ** 31 - 1;

/** @extends {Store<{new: Need[]}>} */
export class Needs extends Store {
  /** @type {NeedList | null} */
  list = null;
  /** Why the last list could not be had. @type {Error | null} */
  problem = null;
  #load;
  #ask = atMostEvery(ASK_EVERY_MS, () => this.#refresh());
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isAsking = false;

  /**
   * `load()` asks the service for the list.
   * @param {() => Promise<NeedList>} load
   */
  constructor(load) {
    super("needs_you");
    this.#load = load;
  }

  take() {
    this.#ask();
  }

  /**
   * Ask again if the event says that the list, or who works, is different.
   * @param {ServiceEvent} event
   */
  apply({ type }) {
    if (type.startsWith("need.")) this.#ask();
  }

  /** Ask for the list. */
  refresh() {
    this.#ask();
  }

  async #refresh() {
    if (this.#isAsking) return this.#ask();
    this.#isAsking = true;
    try {
      const list = await this.#load();
      const known = this.list && new Set(this.list.needs.map(({ id }) => id));
      this.list = list;
      this.problem = null;
      this.changed();
      const added = known ? list.needs.filter((need) => !known.has(need.id) && isOpen(need)) : [];
      if (added.length > 0) this.emit("new", added);
      this.#askAt(list.next_change);
    } catch (error) {
      this.problem = /** @type {Error} */ (error);
      this.changed(); // it is asked again when the connection is back
    } finally {
      this.#isAsking = false;
    }
  }

  /**
   * A snooze ends without an event.
   * @param {string | null} time
   */
  #askAt(time) {
    clearTimeout(this.#timer);
    if (time === null) return;
    const wait_ms = Date.parse(time) - Date.now() + 500;
    this.#timer = setTimeout(() => this.#ask(), Math.min(Math.max(wait_ms, 1_000), LATEST_MS));
  }

  /** Those that are shown: neither snoozed nor done. */
  get open() {
    return (this.list?.needs ?? []).filter(isOpen);
  }
}

/**
 * True if it waits, and is neither snoozed nor done.
 * @param {Need} need
 */
export function isOpen({ snoozed_until, done_at }) {
  return snoozed_until === null && done_at === null;
}
