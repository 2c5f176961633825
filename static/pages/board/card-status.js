/** A card's line about its state: what its file says, how long it lies in its lane, since when nothing happened. */
import { dateTime } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { timeAgo } from "../../ui/age.js";
import { kindOfStatus } from "./status-kind.js";
/** @import {TaskRecord} from "../../lib/types.js" */
/** @import {Kind} from "./status-kind.js" */
/** @import {Quiet} from "./types.js" */

/** @type {Record<Kind, string>} */
const SIGNS = { bad: "alert", waiting: "pause", done: "check", active: "play", plain: "dot" };

/** What a status says anyway that is in its lane. @type {Record<string, RegExp>} */
const PLAIN = { inbox: /^(?:new|inbox|open|todo|to-do|pending|backlog)$/, assigned: /^assigned$/, done: /^(?:done|completed?|finished|closed)$/ };

/**
 * True if a status says no more than its lane.
 * @param {{status: string | null, lane: string}} task
 */
function isPlainStatus({ status, lane }) {
  return status !== null && Object.hasOwn(PLAIN, lane) && PLAIN[lane].test(status.replaceAll("_", "-"));
}

/**
 * The status that the file says, with a mark of its own; where the folder says otherwise, that is said.
 * @param {{status: string | null, lane: string, flags: string[]}} task
 * @param {boolean} [isOld] nobody knows whether it still is so: its host is not heard
 */
export function statusMark({ status, lane, flags }, isOld = false) {
  if (!status) return null;
  if (isOld) return html`<span class="status" data-testid="status" data-kind="plain" data-status="old" title="The file said “${status}”; its host is not heard now">${icon("clock")}<span class="status-word">was ${status}</span></span>`;
  const contradicts = flags.includes("status_contradicts_lane");
  const title = contradicts ? `The file says “${status}”, the folder says ${lane}` : `The file says “${status}”`;
  return html`<span class="status" data-testid="status" data-kind="${kindOfStatus(status)}" data-status="${contradicts ? "contradicts" : "plain"}" title="${title}"
    >${icon(contradicts ? "alert" : SIGNS[kindOfStatus(status)])}<span class="status-word">${contradicts ? "says " : null}${status}</span></span>`;
}

/**
 * Fill the place on a card, if what it says is another than before. "9 d here, quiet 2 d": what is not known is left out, and a status
 * that says no more than the lane.
 * @param {HTMLElement | null} place
 * @param {TaskRecord} record
 * @param {Quiet} quiet
 * @param {boolean} [isOld] its host is not heard
 */
export function showStatus(place, record, quiet, isOld = false) {
  if (!place) return;
  const { task, here_at, isSeenToCome } = record;
  const state = `${task.status} ${task.flags} ${task.lane} ${here_at} ${isSeenToCome} ${quiet.since_ms} ${quiet.staleAfter_ms} ${isOld}`;
  if (place.dataset.state === state) return;
  place.dataset.state = state;
  const here = Number.isNaN(here_at) ? null : html`${timeAgo(iso(here_at), { form: "span", title: hereTitle(record) })} here`;
  const isOver = task.lane === "done";
  const still = isOver ? null : html`quiet ${quietTime(quiet)}`;
  render(
    place,
    html`${isPlainStatus(task) ? null : statusMark(task, isOld)}<span class="card-times" data-testid="card-times">${here}${here && still ? ", " : null}${still}</span>${
      task.lane === "assigned" && quiet.staleAfter_ms > 0 && !isOld ? html`<span class="chip stale" data-testid="stale">${icon("clock")}stale</span>` : null
    }`,
  );
}

/** @param {Quiet} quiet */
function quietTime({ since_ms, by, staleAfter_ms }) {
  const title = `Nothing known to have happened since ${dateTime(iso(since_ms))}: ${by}`;
  return timeAgo(iso(since_ms), { form: "span", title, overdueAfter_ms: staleAfter_ms });
}

/** @param {TaskRecord} record */
function hereTitle({ task, here_at, isSeenToCome }) {
  return isSeenToCome ? `Came to ${task.lane} ${dateTime(iso(here_at))}` : `In ${task.lane} since ${dateTime(iso(here_at))}, says the file`;
}

/** @param {number} time_ms */
function iso(time_ms) {
  return new Date(time_ms).toISOString();
}
