/**
 * Where the items of a long list are, of which only a window exists. Heights are known beforehand, so nothing is measured.
 */

/**
 * `place` is an item's, `indexAt` the first item at or below a height, `windowOf` [first, end) of those that touch a band.
 * @typedef {object} Layout
 * @property {number} height
 * @property {number} perRow
 * @property {number | null} cellWidth
 * @property {(index: number) => {left: number, top: number, height: number}} place
 * @property {(top: number) => number} indexAt
 * @property {(top: number, bottom: number) => [number, number]} windowOf
 */


/**
 * Rows of one height.
 * @param {number} count
 * @param {number} rowHeight
 * @returns {Layout}
 */
export function rowLayout(count, rowHeight) {
  const indexAt = (/** @type {number} */ top) => Math.max(0, Math.min(count, Math.ceil(top / rowHeight)));
  return {
    height: count * rowHeight,
    perRow: 1,
    cellWidth: null,
    place: (index) => ({ left: 0, top: index * rowHeight, height: rowHeight }),
    indexAt,
    windowOf: (top, bottom) => [Math.max(0, Math.min(count, Math.floor(top / rowHeight))), indexAt(bottom)],
  };
}

/**
 * Cells side by side, as many as fit, of heights of their own; an item that `isWide` takes a row by itself.
 * @template Item
 * @param {Item[]} items
 * @param {object} shape
 * @param {number} shape.width
 * @param {number} shape.gap
 * @param {number} shape.minCellWidth
 * @param {(item: Item, cellWidth: number) => number} shape.heightOf
 * @param {(item: Item) => boolean} shape.isWide
 * @returns {Layout}
 */
export function gridLayout(items, { width, gap, minCellWidth, heightOf, isWide }) {
  const perRow = Math.max(1, Math.floor((width + gap) / (minCellWidth + gap)));
  const cellWidth = Math.floor((width - gap * (perRow - 1)) / perRow);
  const tops = new Float64Array(items.length);
  const heights = new Float64Array(items.length);
  const columns = new Uint8Array(items.length);
  let top = 0;
  let column = 0;
  let rowHeight = 0;
  for (let index = 0; index < items.length; index += 1) {
    const wide = isWide(items[index]);
    if (column === perRow || (wide && column > 0)) {
      top += rowHeight + gap;
      column = rowHeight = 0;
    }
    tops[index] = top;
    columns[index] = column;
    heights[index] = heightOf(items[index], cellWidth);
    rowHeight = Math.max(rowHeight, heights[index]);
    column = wide ? perRow : column + 1;
  }
  return {
    height: items.length ? top + rowHeight : 0,
    perRow,
    cellWidth,
    place: (index) => ({ left: columns[index] * (cellWidth + gap), top: tops[index], height: heights[index] }),
    indexAt: (place) => lowerBound(tops, place),
    windowOf: (from, to) => [Math.max(0, lowerBound(tops, from) - perRow * 2), lowerBound(tops, to)],
  };
}

/**
 * The first index whose value is at least `least`; the values rise.
 * @param {ArrayLike<number>} values
 * @param {number} least
 */
export function lowerBound(values, least) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The index that a key leads to from `index` in a list; undefined for keys that lead nowhere.
 * @param {string} key
 * @param {number} index
 * @param {{length: number, page: number}} list
 */
export function indexFor(key, index, { length, page }) {
  /** @type {Record<string, number>} */
  const steps = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: length - 1, PageDown: index + page, PageUp: index - page };
  return Object.hasOwn(steps, key) ? Math.max(0, Math.min(length - 1, steps[key])) : undefined;
}
