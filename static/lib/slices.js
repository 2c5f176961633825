/** Long work in short turns, so that the page answers in between. */
const SLICE_MS = 8;

/** Calls `step(item, index)` for every item, a few milliseconds at a time. False if `signal` was aborted before the end. */
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

/** Fulfilled when what waited for the page has had its turn. */
export function turn() {
  return new Promise((done) => setTimeout(done));
}
