/** @import {Asked} from "./types.js" */
/**
 * What the costs page asks of the service. Each part has a name, is asked for again when what it shows may have changed,
 * at most every so often, and only while the page is to be seen. A newer question makes the answer to an older one void.
 */
export class Requests {
  /** @type {Map<string, Asked>} */
  #parts = new Map();
  #isSeen = () => false;

  /** `isSeen()`: whether the page is shown. @param {() => boolean} isSeen */
  constructor(isSeen) {
    this.#isSeen = isSeen;
    document.addEventListener("visibilitychange", () => this.resume());
  }

  /**
   * Declare a part: `ask(signal)` fetches and shows; it shows its own failures.
   * @param {string} name
   * @param {number} every_ms
   * @param {Asked["ask"]} ask
   */
  add(name, every_ms, ask) {
    const nothing = { timer: null, abort: null, pending: null };
    this.#parts.set(name, { ask, every_ms, asked_at: -Infinity, isStale: false, ...nothing });
  }

  /** What the parts ask for has changed: ask at once. @param {string[]} names */
  ask(...names) {
    for (const name of names) this.#run(this.#part(name));
  }

  /** Something has happened that the parts may show: ask again, in time. @param {string[]} names */
  refresh(...names) {
    for (const name of names) {
      const part = this.#part(name);
      part.isStale = true;
      if (!this.#mayRun()) continue;
      const wait_ms = Math.max(0, part.asked_at + part.every_ms - performance.now());
      part.timer ??= setTimeout(() => this.#run(part), wait_ms);
    }
  }

  /** The page is to be seen again: catch up. */
  resume() {
    if (this.#mayRun()) this.refresh(...[...this.#parts].filter(([, part]) => part.isStale).map(([name]) => name));
  }

  /** Fulfilled when what was asked for until now is there, or has failed: of these parts, or of all. @param {string[]} names */
  async settled(...names) {
    const parts = names.length > 0 ? names.map((name) => this.#part(name)) : [...this.#parts.values()];
    await Promise.all(parts.map(({ pending }) => pending));
  }

  #mayRun() {
    return !document.hidden && this.#isSeen();
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {Asked} */ (this.#parts.get(name));
  }

  /** @param {Asked} part */
  #run(part) {
    clearTimeout(part.timer ?? undefined);
    part.timer = null;
    part.isStale = !this.#mayRun();
    if (part.isStale) return;
    part.abort?.abort();
    part.abort = new AbortController();
    part.asked_at = performance.now();
    part.pending = part.ask(part.abort.signal);
  }
}
