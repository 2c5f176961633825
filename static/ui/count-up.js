/** Numbers that move to where they are now instead of jumping; calm readers see them change at once. */
import { wantsCalm } from "../lib/dom.js";

const LENGTH_MS = 450;

export class CountUp {
  #place;
  #words;
  #shown = null;
  #frame = null;

  /** `words(number)` says a number; null says that it is unknown. */
  constructor(place, words) {
    this.#place = place;
    this.#words = words;
  }

  /** Move to a number; the first one, and what is or was unknown, is shown at once. */
  show(number) {
    cancelAnimationFrame(this.#frame);
    const from = this.#shown;
    if (from === null || number === null || from === number || wantsCalm()) return this.#write(number);
    const begun_at = performance.now();
    const step = (now) => {
      const part = Math.min(1, (now - begun_at) / LENGTH_MS);
      this.#write(part === 1 ? number : from + (number - from) * (1 - (1 - part) ** 3));
      if (part < 1) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  #write(number) {
    this.#shown = number;
    const text = this.#words(number);
    if (this.#place.textContent !== text) this.#place.textContent = text;
  }
}
