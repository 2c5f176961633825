/**
 * How high a card is, from what it shows; the numbers are those of task-card.css. Knowing it beforehand keeps
 * scrolling exact with 10,000 cards of which 40 exist.
 */
import { ems } from "../../live/records.js";

const TITLE_FONT = "500 14px";
const SAMPLE = "Review the Query Service facade, add 12 missing tests";
const LINE = 20;
const BASE = 71;
const MESSAGE_LINES = 36;
const PADDING = 28;
const SAFETY = 1.04;

let pixelsPerEm = null;

export const GROUP_HEIGHT = 36;
export const CARD_GAP = 8;
export const MIN_CARD_WIDTH = 330;

/** Height in CSS pixels of the card of a record in a cell of that width. */
export function cardHeight(record, width) {
  return BASE + LINE * titleLines(record, width) + (record.task.error ? MESSAGE_LINES : 0);
}

/** One or two; longer titles are cut off after the second line. */
export function titleLines(record, width) {
  if (record.task.error) return 1;
  pixelsPerEm ??= calibrate();
  return record.titleEms * pixelsPerEm > width - PADDING ? 2 : 1;
}

/** How wide the estimate's unit really is in the font that this system shows. */
function calibrate() {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${TITLE_FONT} ${getComputedStyle(document.body).fontFamily}`;
  return (pen.measureText(SAMPLE).width / ems(SAMPLE)) * SAFETY;
}
