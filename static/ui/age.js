/** How long ago something was, brought up to date while it is shown: `time-ago`, "2m ago", with the exact time behind it. */
import { define } from "../lib/dom.js";
import { age, dateTime, moment } from "../lib/format.js";
import { html } from "../lib/html.js";

const TICK_MS = 5_000;

/** Those on the page, which share one clock. @type {Set<TimeAgo>} */
const shown = new Set();
/** @type {ReturnType<typeof setInterval> | undefined} */
let clock;

export class TimeAgo extends HTMLElement {
  connectedCallback() {
    shown.add(this);
    clock ??= setInterval(tick, TICK_MS);
    this.tick();
  }

  disconnectedCallback() {
    shown.delete(this);
    if (shown.size > 0) return;
    clearInterval(clock);
    clock = undefined;
  }

  /** Bring it up to date. */
  tick() {
    const then = moment(this.getAttribute("datetime"));
    const text = this.hasAttribute("short") ? age(then) : ago(then);
    if (this.textContent !== text) this.textContent = text;
  }
}

/**
 * It as markup; nothing for a time that is not known. `isShort`: without "ago". `title` is what a pointer brings up.
 * @param {string | null | undefined} time
 * @param {{isShort?: boolean, title?: string}} [options]
 */
export function timeAgo(time, { isShort = false, title = dateTime(time) } = {}) {
  if (!time) return null;
  define("time-ago", TimeAgo);
  return html`<time-ago datetime="${time}" title="${title}" ${isShort ? html`short` : null}></time-ago>`;
}

/**
 * "just now", "2m ago".
 * @param {number} then_ms
 */
export function ago(then_ms) {
  const text = age(then_ms);
  return text === "now" ? "just now" : text && `${text} ago`;
}

function tick() {
  if (!document.hidden) for (const each of shown) each.tick();
}
