/** How long ago something was, brought up to date while it is shown: `time-ago`, "2 min ago", with the exact time behind it. */
import { define } from "../lib/dom.js";
import { age, dateTime, duration, moment } from "../lib/format.js";
import { html } from "../lib/html.js";
import { Ticking } from "./ticking.js";

/** @typedef {"short" | "span"} Form */

/** @type {Record<Form, (then_ms: number) => string>} */
const FORMS = { short: (then_ms) => age(then_ms), span: (then_ms) => (Number.isNaN(then_ms) ? "" : duration(Date.now() - then_ms)) };

export class TimeAgo extends Ticking {
  static everyMs = 5_000;

  tick() {
    const then = moment(this.getAttribute("datetime"));
    const text = FORMS[/** @type {Form} */ (this.dataset.form)]?.(then) ?? ago(then);
    if (this.textContent !== text) this.textContent = text;
    const limit = Number(this.dataset.overdueAfter);
    this.toggleAttribute("data-overdue", limit > 0 && Date.now() - then >= limit);
  }
}

/**
 * It as markup; nothing for a time that is not known. `form`: "short" without "ago", "span" how long
 * it lasts since. `title` is what a pointer brings up. It has
 * `data-overdue` when it is longer ago than `overdueAfter_ms`; 0: never.
 * @param {string | null | undefined} time
 * @param {{form?: Form | "", title?: string, overdueAfter_ms?: number}} [options]
 */
export function timeAgo(time, { form = "", title = dateTime(time), overdueAfter_ms = 0 } = {}) {
  if (!time) return null;
  define("time-ago", TimeAgo);
  return html`<time-ago datetime="${time}" title="${title}" ${form ? html`data-form="${form}"` : null} ${overdueAfter_ms > 0 ? html`data-overdue-after="${overdueAfter_ms}"` : null}></time-ago>`;
}

/**
 * "just now", "2 min ago".
 * @param {number} then_ms
 */
export function ago(then_ms) {
  const text = age(then_ms);
  return text === "now" ? "just now" : text && `${text} ago`;
}
