/** Long work in short turns, so that the page answers in between. */
const SLICE_MS = 8;

/**
 * Calls `step(item, index)` for every item, a few milliseconds at a time. False if `signal` was aborted before the end.
 * @template Item
 * @param {readonly Item[]} items
 * @param {(item: Item, index: number) => void} step
 * @param {AbortSignal | null} [signal]
 */
export async function inSlices(items, step, signal = null) {
  let until = performance.now() + SLICE_MS;
  for (let index = 0; index < items.length; index += 1) {
    if (performance.now() > until) {
      await turn();
      until = performance.now() + SLICE_MS;
    }
    if (signal?.aborted) return false;
    step(items[index], index);
  }
  return true;
}

/**
 * Put what `make(item)` returns into boxes of `size` items each below `place`, in slices. The browser lays out only the
 * boxes in view (`.chunk` in base.css), `height_px` is a guess at an item's height. False if `signal` was aborted.
 * @template Item
 * @param {ParentNode} place
 * @param {readonly Item[]} items
 * @param {(item: Item) => Node} make
 * @param {{size: number, height_px: number, signal?: AbortSignal | null}} options
 */
export function inChunks(place, items, make, { size, height_px, signal }) {
  /** @type {HTMLElement} */
  let box;
  /**
   * @param {Item} item
   * @param {number} index
   */
  function step(item, index) {
    if (index % size === 0) {
      const number = Math.min(size, items.length - index);
      box = Object.assign(document.createElement("div"), { className: "chunk" });
      box.style.containIntrinsicHeight = `auto ${number * height_px}px`;
      place.append(box);
    }
    box.append(make(item));
  }
  return inSlices(items, step, signal);
}

/**
 * Fulfilled when what waited for the page has had its turn.
 * @returns {Promise<void>}
 */
export function turn() {
  return new Promise((done) => setTimeout(done));
}
