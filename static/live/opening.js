/**
 * The first snapshot, over HTTP: asked for while the page's scripts are still on their way (index.html), and before it what is at
 * the top of it. A snapshot comes in parts, a line each, which are put together by one rule: lists are appended, mappings are
 * merged key by key, everything else replaces.
 */
/** @import {Opening, Position, Preview} from "../lib/types.js" */

/** The addresses that the page's head has, so that the browser does not ask twice. */
const PREVIEW = "/api/opening";
const SNAPSHOT = "/api/snapshot?form=lines";

/**
 * The number of tasks in each lane, and those at the top; null if that cannot be had.
 * @returns {Promise<Preview | null>}
 */
export async function readPreview() {
  try {
    const response = await fetch(PREVIEW);
    return response.status === 200 ? await response.json() : null; // 204: the service still reads its files
  } catch {
    return null;
  }
}

/**
 * The snapshot, with its tasks in portions; `onPosition(position)` is called when its first part is there. Throws if it cannot be
 * had.
 * @param {(position: Position) => void} onPosition
 * @returns {Promise<Opening>}
 */
export async function readSnapshot(onPosition) {
  const response = await fetch(SNAPSHOT);
  if (response.status !== 200 || !response.body) throw new Error(`The snapshot cannot be had: ${response.status}.`);
  /** @type {Opening} */
  const opening = { whole: /** @type {any} */ ({}), portions: [] };
  let missing = NaN;
  for await (const line of linesOf(response.body)) {
    const { type: _, part, of, tasks, ...rest } = JSON.parse(line);
    if (part === 1) onPosition({ epoch: rest.epoch, seq: rest.seq });
    if (tasks) opening.portions.push(tasks);
    merge(opening.whole, rest);
    missing = of - part;
  }
  if (missing !== 0) throw new Error("The snapshot ended too early.");
  return opening;
}

/**
 * The lines of a text as they come.
 * @param {ReadableStream<Uint8Array>} stream
 */
async function* linesOf(stream) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let begun = ""; // the part of a line that has come
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = decoder.decode(value, { stream: true }).split("\n");
    lines[0] = begun + lines[0];
    begun = /** @type {string} */ (lines.pop());
    yield* lines;
  }
}

/**
 * @param {Record<string, any>} whole
 * @param {Record<string, any>} part
 */
function merge(whole, part) {
  for (const [name, value] of Object.entries(part)) {
    const known = whole[name];
    if (Array.isArray(value) && Array.isArray(known)) for (const item of value) known.push(item);
    else if (isMapping(value) && isMapping(known)) merge(known, value);
    else whole[name] = value;
  }
}

/** @param {unknown} value */
function isMapping(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
