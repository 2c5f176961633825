/**
 * A worker that answers questions, each within a time: one that takes longer is ended and begun anew at the next
 * question, so that no hostile text can hold anything up for ever. `ask(question)` gives its result or null.
 */
import { startWorker } from "./html.js";

export class Helper {
  #path;
  #longest_ms;
  /** @type {Worker | null} */
  #worker = null;
  #last = 0;
  /** @type {Map<number, {done: (result: any) => void, timer: ReturnType<typeof setTimeout>}>} */
  #waiting = new Map();

  /**
   * `path` is the script; it answers `{number, ...question}` with `{number, result}`.
   * @param {string} path
   * @param {number} longest_ms
   */
  constructor(path, longest_ms) {
    this.#path = path;
    this.#longest_ms = longest_ms;
  }

  /**
   * The result; null if there is none or it did not come in time.
   * @param {object} question
   * @returns {Promise<any>}
   */
  ask(question) {
    const worker = (this.#worker ??= this.#begin());
    this.#last += 1;
    const number = this.#last;
    return new Promise((done) => {
      this.#waiting.set(number, { done, timer: setTimeout(() => this.#giveUp(), this.#longest_ms) });
      worker.postMessage({ number, ...question });
    });
  }

  #begin() {
    const worker = startWorker(this.#path);
    worker.addEventListener("message", ({ data }) => this.#finish(data.number, data.result));
    worker.addEventListener("error", () => this.#giveUp());
    return worker;
  }

  #giveUp() {
    this.#worker?.terminate();
    this.#worker = null;
    for (const number of [...this.#waiting.keys()]) this.#finish(number, null);
  }

  /**
   * @param {number} number
   * @param {unknown} result
   */
  #finish(number, result) {
    const entry = this.#waiting.get(number);
    if (!entry) return;
    this.#waiting.delete(number);
    clearTimeout(entry.timer);
    entry.done(result);
  }
}
