/** Elements that are brought up to date while they are shown: `Ticking`. Those with the same period share one clock. */

/** Period in ms -> those on the page, and their clock. @type {Map<number, {shown: Set<Ticking>, clock: ReturnType<typeof setInterval>}>} */
const clocks = new Map();

export class Ticking extends HTMLElement {
  /** How often, in ms. */
  static everyMs = 1_000;

  get #everyMs() {
    return /** @type {typeof Ticking} */ (this.constructor).everyMs;
  }

  connectedCallback() {
    const every = this.#everyMs;
    const known = clocks.get(every) ?? { shown: new Set(), clock: setInterval(() => tick(every), every) };
    clocks.set(every, known);
    known.shown.add(this);
    this.tick();
  }

  disconnectedCallback() {
    const every = this.#everyMs;
    const known = clocks.get(every);
    known?.shown.delete(this);
    if (!known || known.shown.size > 0) return;
    clearInterval(known.clock);
    clocks.delete(every);
  }

  /** Bring it up to date. */
  tick() {}
}

/** @param {number} every */
function tick(every) {
  if (!document.hidden) for (const each of clocks.get(every)?.shown ?? []) each.tick();
}
