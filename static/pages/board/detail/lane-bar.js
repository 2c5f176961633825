/** How long a task was in each lane: a bar, and the same as words. */
import { dateTime, duration, moment, plural, sentenceCase } from "../../../lib/format.js";
import { html } from "../../../lib/html.js";
/** @import {Details, LaneTime} from "../types.js" */

const LEAST = 1.5; // of 100, so that a short stay is seen

/**
 * Markup of both; null where nothing is known. `here_at` is since when the task is in its lane, as far as the file or the board
 * know it; NaN if they do not.
 * @param {Details} details
 * @param {number} here_at
 */
export function laneBar({ lane_times: times }, here_at, now_ms = Date.now()) {
  if (!times?.length) return null;
  const lengths = times.map((time) => lengthOf(time, here_at, now_ms));
  const sum = lengths.reduce((total, each) => total + each, 0);
  return html`<div class="lane-bar" data-testid="lane-times">
    <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">${parts(times, lengths, sum)}</svg>
    <ul>${times.map((time, index) => entry(time, lengths[index], here_at))}</ul>
  </div>`;
}

/**
 * Milliseconds of all visits. Where nobody saw it come, the file may know since when.
 * @param {LaneTime} time
 * @param {number} here_at
 * @param {number} now_ms
 */
export function lengthOf({ seconds, since, is_exact }, here_at, now_ms) {
  if (since === null) return seconds * 1000;
  const seen = moment(since);
  const began = !is_exact && here_at < seen ? here_at : seen;
  return seconds * 1000 + Math.max(0, now_ms - began);
}

/**
 * @param {LaneTime[]} times
 * @param {number[]} lengths
 * @param {number} sum
 */
function parts(times, lengths, sum) {
  const widths = lengths.map((length) => Math.max(LEAST, sum > 0 ? (100 * length) / sum : 100 / lengths.length));
  const scale = 100 / widths.reduce((total, each) => total + each, 0);
  let x = 0;
  return widths.map((each, index) => {
    const width = each * scale;
    const rect = html`<rect x="${x.toFixed(2)}" width="${Math.max(0.5, width - 0.4).toFixed(2)}" height="8" data-lane="${times[index].lane}"></rect>`;
    x += width;
    return rect;
  });
}

/**
 * @param {LaneTime} time
 * @param {number} length
 * @param {number} here_at
 */
function entry({ lane, visits, since, is_exact }, length, here_at) {
  const isSaid = since !== null && !is_exact && here_at < moment(since);
  const how = is_exact ? "" : isSaid ? ", says the file" : ", about: nobody saw it come or go";
  const title = `${sentenceCase(lane)}: ${duration(length)}${since ? `, since ${dateTime(isSaid ? new Date(here_at).toISOString() : since)}` : ""}${how}`;
  return html`<li data-lane="${lane}" title="${title}"><span class="lane-dot" aria-hidden="true"></span>${sentenceCase(lane)} <strong>${is_exact || isSaid ? "" : "about "}${duration(length)}</strong>${visits > 1 ? html` <span class="hint">${plural(visits, "visit")}</span>` : null}${since ? html` <span class="hint">now</span>` : null}</li>`;
}
