/**
 * Laid over the bars of a picture: drag over them, or walk with the arrow keys and Shift, to select a range; press one, or
 * Enter, for its calls. Up and down walk through the parts of a bar. Emits `bars-select {from, to}` and `bar-open {at, part}`
 * with the numbers of bars and of a part (null: the whole bar).
 */
/** @import {Places} from "./types.js" */
import { define, emit, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";

const LEAST_DRAG_PX = 6;
const HELP = "Left and right walk through the bars, up and down through the parts of one; with Shift a range is selected. Enter shows it closer, or the calls of one bar. Escape gives up the selection, then zooms out.";

/** @typedef {{count: number, parts: number, places: () => Places | null, textOf: (at: number, part: number | null) => string, spanText: (from: number, to: number) => string, partAt: (at: number, value: number) => number | null}} Bars */

export class BarPicker extends HTMLElement {
  /** @type {Bars | null} */
  #bars = null;
  #at = 0;
  /** @type {number | null} */
  #part = null;
  /** The other end of the range. @type {number | null} */
  #anchor = null;
  /** @type {{x: number, at: number, id: number, isDrag: boolean} | null} */
  #press = null;

  connectedCallback() {
    render(this, html`<span class="picked" hidden></span><span class="picker-hint off-screen" id="bar-picker-help">${HELP}</span>`);
    this.tabIndex = 0;
    this.setAttribute("role", "slider");
    this.setAttribute("aria-label", "Bars of the picture");
    this.setAttribute("aria-describedby", "bar-picker-help");
    this.setAttribute("aria-orientation", "horizontal");
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("focus", () => this.#show());
    this.addEventListener("blur", () => this.#press === null && this.#clear());
  }

  /** Take the pointer from a canvas below. @param {HTMLCanvasElement} canvas */
  follow(canvas) {
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", () => this.#clear());
  }

  /** What is shown now; a range that is being selected stays. @param {Bars} bars */
  set bars(bars) {
    this.#bars = bars;
    this.setAttribute("aria-valuemin", "0");
    this.setAttribute("aria-valuemax", String(Math.max(0, bars.count - 1)));
    if (this.#at >= bars.count || !this.matches(":focus")) this.#at = Math.max(0, bars.count - 1);
    this.#show();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const bars = this.#bars;
    if (!bars || event.ctrlKey || event.metaKey || event.altKey || bars.count === 0) return;
    const { key, shiftKey } = event;
    const steps = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1, PageUp: -7, PageDown: 7, Home: -bars.count, End: bars.count });
    if (key in steps) {
      if (shiftKey) this.#anchor ??= this.#at;
      else this.#anchor = null;
      this.#at = Math.min(bars.count - 1, Math.max(0, this.#at + steps[key]));
    } else if (key === "ArrowUp" || key === "ArrowDown") {
      this.#part = stepped(this.#part, bars.parts, key === "ArrowUp" ? 1 : -1);
      this.#anchor = null;
    } else if (key === "Enter" || key === " ") {
      this.#choose();
    } else if (key === "Escape") {
      if (this.#anchor === null && this.#part === null) return void emit(this, "zoom-out"); // nothing is selected here
      this.#anchor = this.#part = null;
    } else return;
    event.preventDefault();
    event.stopPropagation();
    this.#show();
  }

  #choose() {
    const from = this.#anchor;
    if (from === null || from === this.#at) return emit(this, "bar-open", { at: this.#at, part: this.#part });
    const [low, high] = [Math.min(from, this.#at), Math.max(from, this.#at)];
    this.#anchor = null;
    emit(this, "bars-select", { from: low, to: high });
  }

  /** @param {PointerEvent} event */
  #down(event) {
    const at = this.#barAt(event);
    if (event.button !== 0 || !event.isPrimary || at === null) return;
    this.#press = { x: event.offsetX, at, id: event.pointerId, isDrag: false };
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const press = this.#press;
    const canvas = /** @type {HTMLCanvasElement} */ (event.target);
    if (!press) {
      canvas.style.cursor = this.#barAt(event) === null ? "" : "pointer";
      return;
    }
    if (!press.isDrag && Math.abs(event.offsetX - press.x) < LEAST_DRAG_PX) return;
    if (!press.isDrag) canvas.setPointerCapture(press.id);
    press.isDrag = true;
    this.#anchor = press.at;
    this.#at = this.#barAt(event, true) ?? this.#at;
    this.#show(true);
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const [press, bars] = [this.#press, this.#bars];
    this.#press = null;
    if (!press || !bars) return;
    if (press.isDrag) {
      const [low, high] = [Math.min(press.at, this.#at), Math.max(press.at, this.#at)];
      this.#clear();
      return emit(this, "bars-select", { from: low, to: high });
    }
    const places = bars.places();
    if (places) emit(this, "bar-open", { at: press.at, part: bars.partAt(press.at, places.valueAt(event.offsetY)) });
  }

  /**
   * The bar at a pointer; null outside of them, unless the nearest is wanted.
   * @param {PointerEvent} event
   * @param {boolean} [isNearest]
   */
  #barAt({ offsetX: x, offsetY: y }, isNearest = false) {
    const places = this.#bars?.places();
    if (!places || places.middles.length === 0) return null;
    if (!isNearest && (x < places.left || x > places.right || y < places.top || y > places.bottom)) return null;
    const distances = places.middles.map((middle) => Math.abs(middle - x));
    return distances.indexOf(Math.min(...distances));
  }

  #clear() {
    this.#press = this.#anchor = this.#part = null;
    one(this, ".picked").hidden = true;
  }

  #show(isDragged = false) {
    const bars = this.#bars;
    const places = bars?.places();
    const mark = one(this, ".picked");
    mark.hidden = !bars || !places || !(isDragged || this.matches(":focus")) || bars.count === 0;
    if (!bars || bars.count === 0) return;
    const [low, high] = [Math.min(this.#anchor ?? this.#at, this.#at), Math.max(this.#anchor ?? this.#at, this.#at)];
    this.setAttribute("aria-valuenow", String(this.#at));
    this.setAttribute("aria-valuetext", low === high ? bars.textOf(this.#at, this.#part) : `${bars.spanText(low, high)} selected`);
    if (mark.hidden || !places) return;
    const half = places.middles.length > 1 ? (places.middles[1] - places.middles[0]) / 2 : (places.right - places.left) / 2;
    const left = Math.max(places.left, places.middles[low] - half);
    const right = Math.min(places.right, places.middles[high] + half);
    Object.assign(mark.style, { left: `${left}px`, width: `${right - left}px`, top: `${places.top}px`, height: `${places.bottom - places.top}px` });
    mark.dataset.text = low === high ? bars.textOf(this.#at, this.#part) : bars.spanText(low, high);
    mark.toggleAttribute("data-right", left > (places.left + places.right) / 2);
  }
}

/** A new one, to be laid over a picture. */
export function newPicker() {
  define("bar-picker", BarPicker);
  return new BarPicker();
}

/**
 * The next part: from the whole bar to the lowest part and up, and round to the whole again.
 * @param {number | null} part
 * @param {number} count
 * @param {1 | -1} step
 */
function stepped(part, count, step) {
  const place = (part === null ? 0 : part + 1) + step;
  const next = ((place % (count + 1)) + count + 1) % (count + 1);
  return next === 0 ? null : next - 1;
}
