/**
 * Where things lie in a long list of which only a window exists. Items are laid out in rows of `perRow` cells; an item
 * that `isWide` takes a row of its own. Heights are known beforehand, so nothing is ever measured.
 */

/** `{tops, heights, columns, perRow, cellWidth, height}`: per item its place; `height` of the whole. */
export function layOut(items, { width, gap, minCellWidth, heightOf, isWide }) {
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
  return { tops, heights, columns, perRow, cellWidth, height: items.length ? top + rowHeight : 0 };
}

/** [first, end) of the items that touch the band from `top` to `bottom`. */
export function windowOf({ tops, perRow }, top, bottom) {
  const first = Math.max(0, lowerBound(tops, top) - perRow * 2);
  return [first, lowerBound(tops, bottom)];
}

/** The first item that lies at or below `top`. */
export function lowerBound(tops, top) {
  let low = 0;
  let high = tops.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tops[middle] < top) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What stands at the upper edge now, so that `scrollTopFor` can bring it back there after a change. */
export function anchorOf(items, { tops }, scrollTop) {
  const first = lowerBound(tops, scrollTop);
  return items.slice(first, first + 40).map(({ key }, offset) => ({ key, offset: tops[first + offset] - scrollTop }));
}

/** Where to scroll so that the first of the anchors that is still there stands where it stood; null if none is. */
export function scrollTopFor(anchors, items, { tops }) {
  const wanted = new Set(anchors.map(({ key }) => key));
  const places = new Map();
  items.forEach(({ key }, index) => wanted.has(key) && places.set(key, tops[index]));
  const found = anchors.find(({ key }) => places.has(key));
  return found ? places.get(found.key) - found.offset : null;
}
