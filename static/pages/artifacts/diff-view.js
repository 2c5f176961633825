/** The difference between two texts as elements: hunks of lines, unified or side by side, what differs in a line marked. */
import { one } from "../../lib/dom.js";
import { element, html } from "../../lib/html.js";
import { count } from "../../lib/format.js";
import { partsOf } from "../../lib/hidden.js";
import { inChunks } from "../../lib/slices.js";

/** @import {DiffLine, Hunk} from "./types.js" */
/** @typedef {"split" | "unified"} Layout */
/** @typedef {[left: DiffLine | undefined, right: DiffLine | undefined]} Pair */

const CHUNK_LINES = 40;
const LINE_PX = 20; // as in code.css
const SIGNS = { "+": "added", "-": "removed", " ": "same" };

/**
 * Show hunks in `place`, in place of what was there; `layout` is "split" or "unified". False if `signal` was aborted
 * meanwhile.
 * @param {HTMLElement} place
 * @param {Hunk[]} hunks
 * @param {Layout} layout
 * @param {AbortSignal} signal
 */
export async function showHunks(place, hunks, layout, signal) {
  const isNew = !place.querySelector(".hunk");
  const parts = isNew ? place : document.createDocumentFragment();
  if (isNew) place.replaceChildren();
  for (const hunk of hunks) {
    const box = element(
      html`<section class="hunk" data-testid="hunk"><h4>${where(hunk)}</h4><div class="hunk-lines" data-layout="${layout}"></div></section>`,
    );
    parts.append(box);
    const lines = one(box, ".hunk-lines");
    const options = { size: CHUNK_LINES, height_px: LINE_PX, signal };
    const filling = layout === "split" ? inChunks(lines, paired(hunk.lines), pair, options) : inChunks(lines, hunk.lines, unified, options);
    if (!(await filling)) return false;
  }
  if (!isNew) place.replaceChildren(parts);
  return true;
}

/** @param {Hunk} hunk */
function where({ old_start: old, old_lines: oldLines, new_start: start, new_lines: lines }) {
  const span = (/** @type {number} */ from, /** @type {number} */ number) => (number > 1 ? `${count(from)}–${count(from + number - 1)}` : count(from));
  if (lines === 0) return `Lines ${span(old, oldLines)}, taken out`;
  if (oldLines === 0) return `Lines ${span(start, lines)}, new`;
  return `Lines ${span(start, lines)}`;
}

/** @param {DiffLine} line */
function unified(line) {
  const row = document.createElement("div");
  row.className = "diff-line";
  Object.assign(row.dataset, { op: SIGNS[line.op], testid: "diff-line", old: line.old ?? "", new: line.new ?? "" });
  row.append(text(line));
  return row;
}

/**
 * Lines side by side: removed lines beside the lines that replace them.
 * @param {DiffLine[]} lines
 */
function paired(lines) {
  /** @type {Pair[]} */
  const rows = [];
  /** @type {DiffLine[][]} */
  let [removed, added] = [[], []];
  const flush = () => {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1) rows.push([removed[index], added[index]]);
    [removed, added] = [[], []];
  };
  for (const line of lines) {
    if (line.op === "-") {
      if (added.length > 0) flush();
      removed.push(line);
    } else if (line.op === "+") added.push(line);
    else {
      flush();
      rows.push([line, line]);
    }
  }
  flush();
  return rows;
}

/** @param {Pair} lines */
function pair([left, right]) {
  const row = document.createElement("div");
  row.className = "diff-pair";
  row.append(half(left, "old"), half(right, "new"));
  return row;
}

/**
 * @param {DiffLine | undefined} line
 * @param {"old" | "new"} side
 */
function half(line, side) {
  const box = document.createElement("div");
  box.className = "diff-half";
  box.dataset.op = line ? SIGNS[line.op] : "none";
  if (line) {
    Object.assign(box.dataset, { testid: "diff-line", [side]: line[side] });
    box.append(text(line));
  }
  return box;
}

/**
 * The text of a line as `ins`, `del` or plain, with its marks.
 * @param {DiffLine} line
 */
function text({ op, text: whole, marks, clipped, column }) {
  const place = document.createElement(op === "+" ? "ins" : op === "-" ? "del" : "span");
  place.className = "diff-text";
  let from = 0;
  for (const [start, end] of marks ?? []) {
    const mark = document.createElement("mark");
    mark.append(...partsOf(whole.slice(start, end)));
    place.append(...partsOf(whole.slice(from, start)), mark);
    from = end;
  }
  place.append(...partsOf(whole.slice(from)));
  if (column > 1) place.prepend(Object.assign(document.createElement("span"), { className: "clipped", textContent: `from column ${count(column)}` }));
  if (clipped) place.append(Object.assign(document.createElement("span"), { className: "clipped", textContent: "line goes on" }));
  return place;
}
