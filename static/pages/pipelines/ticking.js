/** What goes on by itself while it is shown: how long something has run, `run-time`, and whether it is stale, `stale-mark`. */
import { define } from "../../lib/dom.js";
import { dateTime } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { Ticking } from "../../ui/ticking.js";
import { isStale, lengthOf, lengthText } from "./times.js";
/** @import {Pipeline} from "../../lib/types.js" */

export class RunTime extends Ticking {
  tick() {
    const { from, to } = this.dataset;
    const text = lengthText(lengthOf(from, to || null, Date.now()));
    if (this.textContent !== text) this.textContent = text;
  }
}

export class StaleMark extends Ticking {
  tick() {
    const { status = "", activeAt, afterS } = this.dataset;
    this.hidden = !isStale({ status, active_at: activeAt }, Number(afterS), Date.now());
    if (!this.hidden && !this.firstChild) render(this, html`${icon("alert")}Stale`);
  }
}

/**
 * How long something took, or takes; null if it has not started.
 * @param {{started_at: string | null, finished_at: string | null}} times
 */
export function runTime({ started_at, finished_at }) {
  if (!started_at) return null;
  define("run-time", RunTime);
  const until = finished_at ? `, finished ${dateTime(finished_at)}` : "";
  return html`<run-time data-from="${started_at}" data-to="${finished_at ?? ""}" title="Started ${dateTime(started_at)}${until}"></run-time>`;
}

/**
 * A badge that appears when a running pipeline has given no sign of life for so long.
 * @param {Pick<Pipeline, "status" | "active_at">} pipeline
 * @param {number} stale_after_s
 */
export function staleMark({ status, active_at }, stale_after_s) {
  define("stale-mark", StaleMark);
  const title = `No sign of life since ${dateTime(active_at)}: nothing was reported for more than ${lengthText(stale_after_s * 1000)}`;
  return html`<stale-mark class="chip warning" data-testid="stale" data-status="${status}" data-active-at="${active_at}" data-after-s="${stale_after_s}" title="${title}" hidden></stale-mark>`;
}
