/** The text of a line as nodes: colours of the terminal, what a search found, hidden characters; never markup. */
import { partsOf } from "../../../lib/hidden.js";
/** @import {LogSpan} from "../../../lib/types.js" */

/** Where something begins and ends, in characters of JavaScript. @typedef {[number, number]} Range */

/**
 * The pieces of a text: class and text of each. `spans` count code points, `found` counts characters of JavaScript.
 * @param {string} text
 * @param {LogSpan[]} spans
 * @param {Range[]} found
 * @returns {{style: string, isFound: boolean, text: string}[]}
 */
export function piecesOf(text, spans, found) {
  if (spans.length === 0 && found.length === 0) return [{ style: "", isFound: false, text }];
  const styles = spans.map(([from, to, style]) => /** @type {const} */ ([...unitsOf(text, [[from, to]])[0], style]));
  const cuts = new Set([0, text.length]);
  for (const [from, to] of [...styles, ...found]) cuts.add(from).add(to);
  const places = [...cuts].filter((at) => at >= 0 && at <= text.length).sort((a, b) => a - b);
  const pieces = [];
  for (let index = 0; index + 1 < places.length; index += 1) {
    const [from, to] = [places[index], places[index + 1]];
    const isIn = (/** @type {readonly [number, number, ...unknown[]]} */ [first, end]) => from >= first && to <= end;
    const style = styles.filter(isIn).map((each) => classesOf(each[2])).join(" ");
    pieces.push({ style, isFound: found.some(isIn), text: text.slice(from, to) });
  }
  return pieces;
}

/**
 * The text as nodes.
 * @param {string} text
 * @param {LogSpan[]} spans
 * @param {Range[]} found
 */
export function nodesOf(text, spans, found) {
  return piecesOf(text, spans, found).flatMap(({ style, isFound, text: part }) => {
    const parts = partsOf(part);
    if (!style && !isFound) return parts;
    const element = document.createElement(isFound ? "mark" : "span");
    if (style) element.className = style;
    element.append(...parts);
    return [element];
  });
}

/**
 * Ranges of code points as ranges of characters of JavaScript.
 * @param {string} text
 * @param {readonly Range[]} ranges
 * @returns {Range[]}
 */
export function unitsOf(text, ranges) {
  if (!/[\ud800-\udbff]/.test(text)) return [...ranges];
  const starts = [0];
  for (const character of text) starts.push(starts[starts.length - 1] + character.length);
  const at = (/** @type {number} */ point) => starts[Math.min(point, starts.length - 1)];
  return ranges.map(([from, to]) => [at(from), at(to)]);
}

/** @param {string} style */
function classesOf(style) {
  const names = style.split(" ").filter((name) => /^[a-z-]+$/.test(name));
  return names.map((name) => (name.startsWith("ansi-") ? name : `ansi-${name}`)).join(" ");
}
