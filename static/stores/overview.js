/**
 * What agents are at, as the service last said. The snapshot of its topic has it; events say only that it is different: then it is
 * asked for again, as long as somebody looks. `revision` rises with each answer.
 */
import { atMostEvery, effect, signal } from "../lib/signals.js";
/** @import {ServiceEvent} from "../lib/types.js" */
/** @import {Overview as Answer} from "../pages/now/types.js" */
/** @import {Store} from "./stores.js" */

const ASK_EVERY_MS = 1_000;

export class Overview {
  revision = signal(0);
  /** @type {Answer | null} */
  answer = null;
  /** Why the last answer could not be had. @type {Error | null} */
  problem = null;
  #load;
  #ask = atMostEvery(ASK_EVERY_MS, () => this.#refresh());
  #isShown = false;
  #isOld = true; // what the store has may be from before it was looked at
  #number = 0; // of the latest question, or snapshot

  /**
   * `store` is that of the topic, `load()` asks the service.
   * @param {Store} store
   * @param {() => Promise<Answer>} load
   */
  constructor(store, load) {
    this.#load = load;
    effect(() => {
      if (store.revision.value > 0 && store.snapshot) this.#take(store.snapshot);
    });
    store.addEventListener("event", (/** @type {CustomEvent<ServiceEvent>} */ { detail }) => this.#apply(detail));
  }

  /**
   * Whether somebody looks at it: else nothing is asked.
   * @param {boolean} isShown
   */
  show(isShown) {
    this.#isShown = isShown;
    if (isShown && this.#isOld) this.#ask();
  }

  /** Ask again what could not be had. */
  retry() {
    if (this.#isShown && this.problem) this.#ask();
  }

  /** @param {Answer} snapshot */
  #take(snapshot) {
    this.#number += 1; // what was asked before is older
    this.#put(snapshot);
  }

  /** @param {ServiceEvent} event */
  #apply({ type }) {
    if (type !== "overview.changed") return;
    this.#isOld = true;
    if (this.#isShown) this.#ask();
  }

  async #refresh() {
    if (!this.#isShown) return;
    const number = (this.#number += 1);
    this.#isOld = false;
    try {
      const answer = await this.#load();
      if (number === this.#number) this.#put(answer);
    } catch (error) {
      if (number !== this.#number) return;
      this.problem = /** @type {Error} */ (error);
      this.#isOld = true;
      this.#changed();
    }
  }

  /** @param {Answer} answer */
  #put(answer) {
    this.answer = answer;
    this.problem = null;
    this.#changed();
  }

  #changed() {
    this.revision.value = this.revision.peek() + 1;
  }
}
