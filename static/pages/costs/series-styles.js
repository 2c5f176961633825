/**
 * How series are drawn: a colour that the colour-blind can tell from its neighbours, and besides it a dash and a shape of
 * its own. A key keeps its style as long as the page is open, wherever it is shown.
 */
/** @import {Style} from "./types.js" */
/** @typedef {{key: string | null, other?: boolean}} Keyed */
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [4, 4], [12, 4], [7, 3, 2, 3, 2, 3], [1, 4]];
const SHAPES = ["circle", "rect", "triangle", "rectRot", "crossRot", "star", "cross", "rectRounded"];
const COUNT = 8;
const OTHERS = { colour: "series-rest", dash: [3, 3], shape: "dash" };

export const COLOURS = [...Array.from({ length: COUNT }, (_, index) => `series-${index + 1}`), OTHERS.colour];

/** @type {Map<string, number>} */
const remembered = new Map(); // "by key" → index

/**
 * A style for each series of a picture: `{colour (a custom property), dash, shape}`; no two of them alike.
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
    taken.add(index);
    found.set(one, index);
    remembered.set(nameOf(by, one), index);
  }
  return series.map((one) => {
    const index = found.get(one);
    return index === undefined ? OTHERS : style(index);
  });
}

/** A line and a point of the style for the legend: `{dash, path}` for an icon of 28 × 12. @param {Style} style */
export function signOf({ dash, shape }) {
  return { dash: dash.join(" "), path: PATHS[shape] };
}

/** @type {Record<string, string>} */
const PATHS = {
  circle: "M14 2.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 1 1 0-7z",
  rect: "M11 3h6v6h-6z",
  triangle: "M14 2.2 17.8 9h-7.6z",
  rectRot: "M14 1.8 18.2 6 14 10.2 9.8 6z",
  crossRot: "m11 3 6 6M17 3l-6 6",
  star: "m11 3 6 6M17 3l-6 6M14 1.8v8.4M9.8 6h8.4",
  cross: "M14 2v8M10 6h8",
  rectRounded: "M12 3h4q1 0 1 1v4q0 1-1 1h-4q-1 0-1-1V4q0-1 1-1z",
  dash: "M10 6h8",
};

/** @param {Set<number>} taken */
function firstFree(taken) {
  for (let index = 0; index < COUNT; index += 1) if (!taken.has(index)) return index;
  return taken.size % COUNT;
}

/** @param {number} index @returns {Style} */
function style(index) {
  return { colour: COLOURS[index], dash: DASHES[index], shape: SHAPES[index] };
}

/**
 * @param {string | null} by
 * @param {Keyed} series
 */
function nameOf(by, { key }) {
  return `${by} ${key}`;
}
