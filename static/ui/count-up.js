/** Numbers that move to where they are now instead of jumping; calm readers see them change at once. */
import { wantsCalm } from "../lib/dom.js";

const LENGTH_MS = 450;

/** @template {number | null | undefined} [Value=number] */
export class CountUp {
  #place;
  #toText;
  /** @type {Value | null} */
  #shown = null;
  #frame = 0;

  /**
   * `toText(number)` writes a number; null is one that is not known.
   * @param {Element} place
   * @param {(number: Value) => string} toText
   */
  constructor(place, toText) {
    this.#place = place;
    this.#toText = toText;
  }

  /**
   * Move to a number; the first one, and what is or was unknown, is shown at once.
   * @param {Value} number
   */
  show(number) {
    cancelAnimationFrame(this.#frame);
    const from = this.#shown;
    if (typeof from !== "number" || typeof number !== "number" || from === number || wantsCalm()) return this.#write(number);
    const begun_at = performance.now();
    const step = (/** @type {number} */ now) => {
      const part = Math.min(1, (now - begun_at) / LENGTH_MS);
      this.#write(/** @type {Value} */ (part === 1 ? number : from + (number - from) * (1 - (1 - part) ** 3)));
      if (part < 1) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  /** @param {Value} number */
  #write(number) {
    this.#shown = number;
    const text = this.#toText(number);
    if (this.#place.textContent !== text) this.#place.textContent = text;
  }
}
