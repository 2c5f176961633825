/**
 * How series are drawn: in a colour that the colour-blind can tell from its neighbours. A key keeps it as long as the page is
 * open, wherever it is shown.
 */
/** @import {Style} from "./types.js" */
/** @typedef {{key: string | null, other?: boolean}} Keyed */
const COUNT = 8;
const OTHERS = { colour: "series-rest" };

export const COLOURS = [...Array.from({ length: COUNT }, (_, index) => `series-${index + 1}`), OTHERS.colour];

/** @type {Map<string, number>} */
const remembered = new Map(); // "by key" → index

/**
 * A style for each series of a picture: `{colour}`, a custom property; no two of them alike.
 * @param {string | null} by
 * @param {Keyed[]} series
 * @returns {Style[]}
 */
export function stylesOf(by, series) {
  /** @type {Set<number>} */
  const taken = new Set();
  /** @type {Map<Keyed, number>} */
  const found = new Map();
  for (const one of series) {
    const index = remembered.get(nameOf(by, one));
    if (one.other || index === undefined || taken.has(index)) continue;
    taken.add(index);
    found.set(one, index);
  }
  for (const one of series) {
    if (one.other || found.has(one)) continue;
    const index = firstFree(taken);
    if (index === null) continue; // more than there are colours: drawn as the others
    taken.add(index);
    found.set(one, index);
    remembered.set(nameOf(by, one), index);
  }
  return series.map((one) => {
    const index = found.get(one);
    return index === undefined ? OTHERS : style(index);
  });
}

/** @param {Set<number>} taken */
function firstFree(taken) {
  for (let index = 0; index < COUNT; index += 1) if (!taken.has(index)) return index;
  return null;
}

/** @param {number} index @returns {Style} */
function style(index) {
  return { colour: COLOURS[index] };
}

/**
 * @param {string | null} by
 * @param {Keyed} series
 */
function nameOf(by, { key }) {
  return `${by} ${key}`;
}
