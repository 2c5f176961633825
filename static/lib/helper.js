/**
 * A worker that answers questions, each within a time: one that takes longer is ended and begun anew at the next
 * question, so that no hostile text can hold anything up for ever. `ask(question)` gives its result or null.
 */
import { startWorker } from "./html.js";

// The time is counted in parts: one in which the machine held the page up, worker and all, is over late, and counts once.
const PARTS = 8;
const LONGEST_START_MS = 60_000;

export class Helper {
  #path;
  #longest_ms;
  /** @type {Worker | null} */
  #worker = null;
  #isReady = false;
  #last = 0;
  /** @type {Map<number, {done: (result: any) => void, timer: ReturnType<typeof setTimeout>}>} */
  #waiting = new Map();

  /**
   * `path` is the script; it says `{number: 0}` once it is there, from when on the time counts, and answers
   * `{number, ...question}` with `{number, result}`.
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
      this.#waiting.set(number, { done, timer: this.#isReady ? this.#count(number, PARTS) : setTimeout(() => this.#giveUp(), LONGEST_START_MS) });
      worker.postMessage({ number, ...question });
    });
  }

  /**
   * The timer of a part of the time that is left.
   * @param {number} number
   * @param {number} left
   * @returns {ReturnType<typeof setTimeout>}
   */
  #count(number, left) {
    return setTimeout(() => {
      const entry = this.#waiting.get(number);
      if (!entry) return;
      if (left > 1) entry.timer = this.#count(number, left - 1);
      else this.#giveUp();
    }, this.#longest_ms / PARTS);
  }

  #begun() {
    this.#isReady = true;
    for (const [number, entry] of this.#waiting) {
      clearTimeout(entry.timer);
      entry.timer = this.#count(number, PARTS);
    }
  }

  #begin() {
    const worker = startWorker(this.#path);
    worker.addEventListener("message", ({ data }) => (data.number === 0 ? this.#begun() : this.#finish(data.number, data.result)));
    worker.addEventListener("error", () => this.#giveUp());
    return worker;
  }

  #giveUp() {
    this.#worker?.terminate();
    this.#worker = null;
    this.#isReady = false;
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
