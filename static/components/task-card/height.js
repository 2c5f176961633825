/**
 * How high a card is, from what it shows; the numbers are those of task-card.css. Knowing it beforehand keeps
 * scrolling exact with 10,000 cards of which 40 exist.
 */
const TITLE_EM = 14;
const LINE = 20;
const BASE = 76;
const MESSAGE_LINES = 36;
const PADDING = 26;

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
  return record.titleEms * TITLE_EM > width - PADDING ? 2 : 1;
}
