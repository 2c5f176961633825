/**
 * How high a card is, from what it shows; the numbers are those of task-card.css. Knowing it beforehand keeps
 * scrolling exact with 10,000 cards of which 40 exist.
 */
import { ems } from "../../stores/records.js";
import { hasEvidence } from "./card-evidence.js";

const TITLE_FONT = "500 14px";
const SAMPLE = "Review the Query Service facade, add 12 missing tests";
const LINE = 20;
const BASE = 71;
const MESSAGE_LINES = 36;
const EVIDENCE_LINE = 22;
const PADDING = 28;
const DOUBT = 0.15; // so near to the edge a title is measured, elsewhere the estimate is enough

const widths = new WeakMap(); // record → width of its title in pixels, where that was measured
let unit = null;
let pen = null;

const GROUP_HEIGHT = 36;

/** How cards and group heads are laid out, for `layOut`. */
export const SHAPE = {
  gap: 8,
  minCellWidth: 330,
  heightOf: (item, width) => (item.isGroup ? GROUP_HEIGHT : cardHeight(item, width)),
  isWide: (item) => item.isGroup === true,
};

/** Height in CSS pixels of the card of a record in a cell of that width. */
export function cardHeight(record, width) {
  const further = record.task.error ? MESSAGE_LINES : hasEvidence(record) ? EVIDENCE_LINE : 0;
  return BASE + LINE * titleLines(record, width) + further;
}

/** One or two; longer titles are cut off after the second line. */
export function titleLines(record, width) {
  if (record.task.error) return 1;
  const room = width - PADDING;
  const guess = record.titleEms * pixelsPerEm();
  if (guess < room * (1 - DOUBT)) return 1;
  if (guess > room * (1 + DOUBT)) return 2;
  widths.set(record, widths.get(record) ?? measured(record.task.title));
  return widths.get(record) > room ? 2 : 1;
}

/** How wide the estimate's unit is in the font that this system shows. */
function pixelsPerEm() {
  unit ??= measured(SAMPLE) / ems(SAMPLE);
  return unit;
}

function measured(text) {
  if (!pen) {
    pen = document.createElement("canvas").getContext("2d");
    pen.font = `${TITLE_FONT} ${getComputedStyle(document.body).fontFamily}`;
  }
  return pen.measureText(text).width;
}
