/** Where cards are that are in lanes side by side, in groups below each other: a layout of lib/layout.js. */
import { lowerBound } from "./layout.js";
/** @import {Layout} from "./layout.js" */

/**
 * A row begins where the lane of an item is not to the right of that before it; it is as high as the highest of its cards. An
 * item whose `laneOf` is -1 takes a row by itself. Folded lanes are `foldedWidth` wide.
 * @template Item
 * @param {Item[]} items
 * @param {object} shape
 * @param {number} shape.width
 * @param {number} shape.gap
 * @param {boolean[]} shape.folded of each lane
 * @param {number} shape.foldedWidth
 * @param {number} shape.leastWidth of a lane that is not folded
 * @param {(item: Item) => number} shape.laneOf
 * @param {(item: Item, cellWidth: number) => number} shape.heightOf
 * @returns {Layout}
 */
export function laneLayout(items, { width, gap, folded, foldedWidth, leastWidth, laneOf, heightOf }) {
  const { lefts, cellWidth } = lanePlaces({ width, gap, folded, foldedWidth, leastWidth });
  const tops = new Float64Array(items.length);
  const heights = new Float64Array(items.length);
  const lanes = new Int16Array(items.length);
  let [top, rowHeight, before] = [0, 0, Infinity];
  for (let index = 0; index < items.length; index += 1) {
    const lane = laneOf(items[index]);
    if (index > 0 && lane <= before) {
      top += rowHeight + gap;
      rowHeight = 0;
    }
    [tops[index], lanes[index], heights[index]] = [top, lane, heightOf(items[index], cellWidth)];
    rowHeight = Math.max(rowHeight, heights[index]);
    before = lane === -1 ? Infinity : lane;
  }
  return {
    height: items.length ? top + rowHeight : 0,
    perRow: 1,
    cellWidth,
    place: (index) => ({ left: lanes[index] < 0 ? 0 : lefts[lanes[index]], top: tops[index], height: heights[index] }),
    indexAt: (place) => lowerBound(tops, place),
    windowOf: (from, to) => [Math.max(0, lowerBound(tops, from) - 2 * (folded.length + 1)), lowerBound(tops, to)],
  };
}

/**
 * Where each lane begins, and how wide those are that are not folded.
 * @param {{width: number, gap: number, folded: boolean[], foldedWidth: number, leastWidth: number}} shape
 */
export function lanePlaces({ width, gap, folded, foldedWidth, leastWidth }) {
  const shut = folded.filter(Boolean).length;
  const open = folded.length - shut;
  const room = width - shut * foldedWidth - gap * (folded.length - 1);
  const cellWidth = Math.max(leastWidth, Math.floor(room / Math.max(1, open)));
  let left = 0;
  const lefts = folded.map((isFolded) => {
    const here = left;
    left += (isFolded ? foldedWidth : cellWidth) + gap;
    return here;
  });
  return { lefts, cellWidth, width: Math.max(0, left - gap) };
}
