/** Something that is done again and again while it is shown, never twice at once, and not in a tab at the back. */

export class Repeating {
  #every_ms;
  #body;
  #isOn = false;
  #isBusy = false;
  #timer = 0;

  /**
   * @param {number} every_ms From the end of one to the begin of the next.
   * @param {() => Promise<unknown>} body
   */
  constructor(every_ms, body) {
    this.#every_ms = every_ms;
    this.#body = body;
  }

  /** Do it now, and from now on. */
  start() {
    this.#isOn = true;
    this.now();
  }

  /** Do it no more. */
  stop() {
    this.#isOn = false;
    clearTimeout(this.#timer);
  }

  /** Do it now, unless it is being done. */
  async now() {
    if (!this.#isOn || this.#isBusy) return;
    clearTimeout(this.#timer);
    this.#isBusy = true;
    try {
      if (!globalThis.document?.hidden) await this.#body();
    } finally {
      this.#isBusy = false;
      if (this.#isOn) this.#timer = Number(setTimeout(() => this.now(), this.#every_ms));
    }
  }
}
