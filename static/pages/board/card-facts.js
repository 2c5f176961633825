/** What a card shows besides its task, and how high that makes it; the numbers are those of task-card.css. */
import { count, plural } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { ems } from "../../stores/records.js";
import { costText } from "../../ui/cost-text.js";
import { isMarked } from "./marks.js";
/** @import {EvidenceCounts, Task, TaskCost, TaskRecord} from "../../lib/types.js" */
/** @import {Item} from "./types.js" */
/** @typedef {"bad" | "good" | "part" | "none" | "unknown"} Tone */

/** @type {Record<Tone, string>} */
export const SIGNS = { bad: "alert", good: "check", part: "file", none: "file", unknown: "clock" };
const TITLE_FONT = "500 14px";
const SAMPLE = "Review the Query Service facade, add 12 missing tests";
const LINE = 20;
const BASE = 41;
const FOOT = 30;
const STATUS_LINE = 22;
const MESSAGE_LINES = 36;
const FACTS_LINE = 22;
const COMPACT = 61;
const PADDING = 28;
const MARGIN = 0.15; // so near to the edge a title is measured, elsewhere the estimate is enough

/** Widths of titles in pixels, where they were measured. @type {WeakMap<TaskRecord, number>} */
const widths = new WeakMap();
/** @type {number | null} */
let unit = null;
/** @type {CanvasRenderingContext2D | null} */
let pen = null;

const GROUP_HEIGHT = 36;

/**
 * Fill the place on a card; nothing is shown for a task without calls.
 * @param {HTMLElement} place
 * @param {TaskCost | undefined} cost
 */
export function showCost(place, cost) {
  place.hidden = !cost?.calls;
  if (!cost?.calls) return;
  const { text, label } = costText(cost);
  if (place.textContent !== text) place.textContent = text;
  place.title = label;
  place.setAttribute("aria-label", label);
}

/**
 * `{text, tone}`: "4 of 5 present, 1 empty, 1 not changed since the task began". `named` is how many the task names.
 * @param {EvidenceCounts | undefined} counts
 * @param {string} lane
 * @param {number} named
 * @returns {{text: string, tone: Tone}}
 */
export function evidenceText(counts, lane, named) {
  if (!counts) return { text: `${plural(named, "file")}, not checked yet`, tone: "unknown" };
  const { total, present, empty, missing, unchanged, refused } = counts;
  const isLacking = lane === "done" && missing > 0;
  const remarks = [
    empty > 0 && `${empty} empty`,
    unchanged > 0 && `${unchanged} not changed since the task began`,
    refused > 0 && `${refused} not checked`,
  ].filter(Boolean);
  const first = isLacking ? `Done, but ${missing} of ${plural(total, "file")} missing` : `Files ${present}/${total}`;
  return { text: [first, ...remarks].join(", "), tone: isLacking ? "bad" : toneOf(total, present, remarks.length) };
}

/**
 * Fill the place on a card; there is none on cards that have nothing to show.
 * @param {HTMLElement | null} place
 * @param {EvidenceCounts | undefined} counts
 * @param {Task} task
 */
export function showEvidence(place, counts, { lane, counts: { artefacts } }) {
  if (!place) return;
  const { text, tone } = evidenceText(counts, lane, artefacts);
  const title = text;
  if (place.title === title && place.dataset.tone === tone) return;
  place.title = title;
  place.dataset.tone = tone;
  render(place, html`${icon(SIGNS[tone])}<span>${text}</span>`);
}

/**
 * True if a card says something of its files.
 * @param {TaskRecord} record
 */
export function hasEvidence({ task }) {
  return task.counts.artefacts > 0 && !task.error;
}

/**
 * True if a card says how much is checked off: not where all is, of a task that is done.
 * @param {TaskRecord} record
 */
export function hasChecks({ task: { checklist, lane, error } }) {
  return Boolean(checklist) && !error && !(lane === "done" && checklist?.done === checklist?.total);
}

/**
 * True if a card has a last line: whose it is, what it waits for, what is odd about it, its tags.
 * @param {TaskRecord} record
 */
export function hasFoot({ task, agent }) {
  const { tags, dependencies, copied_by, flags } = task;
  return Boolean(agent) || tags.length > 0 || dependencies.length > 0 || copied_by !== null || flags.some(isMarked);
}

/** Of files checked off: "3/5", with a bar. @param {{done: number, total: number}} checklist */
export function checksMark({ done, total }) {
  const label = `${count(done)} of ${count(total)} checked`;
  return html`<span class="card-checks" data-testid="card-checks" data-tone="${done === total ? "good" : "part"}" role="img" aria-label="${label}" title="${label}"
    ><svg viewBox="0 0 36 6" aria-hidden="true"><rect class="bar" width="36" height="6" rx="3"></rect><rect class="bar-done" width="${Math.round((36 * done) / total)}" height="6" rx="3"></rect></svg
    ><span aria-hidden="true">${count(done)}/${count(total)}</span></span>`;
}

/**
 * @param {number} total
 * @param {number} present
 * @param {number} remarks
 */
function toneOf(total, present, remarks) {
  if (present === 0) return "none";
  return present === total && remarks === 0 ? "good" : "part";
}

/** How cards and group heads are laid out, for `layOut`; their heights are those of `heightIn`. */
export const SHAPE = {
  gap: 8,
  minCellWidth: 330,
  isWide: (/** @type {Item} */ item) => item.isGroup === true,
};

/**
 * How high an item is in a cell of some width.
 * @param {string} density
 * @returns {(item: Item, width: number) => number}
 */
export function heightIn(density) {
  return (item, width) => (item.isGroup ? GROUP_HEIGHT : density === "compact" ? COMPACT : cardHeight(item, width));
}

/**
 * Height in CSS pixels of the card of a record in a cell of that width.
 * @param {TaskRecord} record
 * @param {number} width
 */
function cardHeight(record, width) {
  const facts = hasEvidence(record) || hasChecks(record) ? FACTS_LINE : 0;
  const further = record.task.error ? MESSAGE_LINES : STATUS_LINE + facts;
  return BASE + LINE * titleLines(record, width) + further + (hasFoot(record) ? FOOT : 0);
}

/**
 * One or two; longer titles are cut off after the second line.
 * @param {TaskRecord} record
 * @param {number} width
 */
export function titleLines(record, width) {
  if (record.task.error) return 1;
  const room = width - PADDING;
  const guess = record.titleEms * pixelsPerEm();
  if (guess < room * (1 - MARGIN)) return 1;
  if (guess > room * (1 + MARGIN)) return 2;
  const exact = widths.get(record) ?? measured(record.task.title);
  widths.set(record, exact);
  return exact > room ? 2 : 1;
}

/** How wide the estimate's unit is in the font that this system shows. */
export function pixelsPerEm() {
  unit ??= measured(SAMPLE) / ems(SAMPLE);
  return unit;
}

/** @param {string} text */
function measured(text) {
  if (!pen) {
    pen = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
    pen.font = `${TITLE_FONT} ${getComputedStyle(document.body).fontFamily}`;
  }
  return pen.measureText(text).width;
}
