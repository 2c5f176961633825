/** The colours of terminals in text (ECMA-48, section 8.3.117): what programs write into logs. */
import { createAnsiSequenceParser } from "/vendor/ansi-sequence-parser/index.js";

/** @typedef {ReturnType<typeof createAnsiSequenceParser>} AnsiParser */
/** @typedef {{type: string, name?: string, rgb?: number[], index?: number}} AnsiColour */

// Moves of the cursor, titles of windows and the like; colours end with "m".
const OTHERS = /\x1b(?:\[[0-?]*[ -/]*[@-ln-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_c=>78])/g;
const COLONS = /\x1b\[[\d:;]*:[\d:;]*m/g;
const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
/** @type {Record<string, number[]>} */
const POINTS = {
  black: [0, 0, 0],
  red: [205, 0, 0],
  green: [0, 205, 0],
  yellow: [205, 205, 0],
  blue: [0, 0, 238],
  magenta: [205, 0, 205],
  cyan: [0, 205, 205],
  white: [229, 229, 229],
  brightBlack: [127, 127, 127],
};

/** True if a text has codes of a terminal in it. @param {string} text */
export const isAnsi = (text) => text.includes("\x1b[");

/** What remembers the colours from one line to the next. */
export const newParser = () => createAnsiSequenceParser();

/**
 * A line as `[class, text, class, text...]`, without the codes.
 * @param {string} text
 * @param {AnsiParser} parser
 */
export function ansiPieces(text, parser) {
  const plain = text.replace(OTHERS, "").replace(COLONS, (codes) => codes.replace(/:+/g, ";"));
  /** @type {string[]} */
  const pieces = [];
  for (const { value, foreground, background, decorations } of parser.parse(plain)) {
    const isReversed = decorations.has("reverse");
    const [text_, ground] = isReversed ? [background, foreground] : [foreground, background];
    const classes = [
      text_ && `ansi-${nameOf(text_)}`,
      ground && `ansi-on-${nameOf(ground)}`,
      isReversed && !ground && "ansi-reverse",
      ...["bold", "dim", "italic", "underline", "strikethrough"].map((name) => decorations.has(name) && `ansi-${name}`),
    ];
    pieces.push(classes.filter(Boolean).join(" "), value);
  }
  return pieces;
}

/**
 * One of the colours that the page has in both themes: others become the nearest.
 * @param {AnsiColour} colour
 */
function nameOf({ name, rgb, index = 0 }) {
  if (name) return plainName(name);
  if (!rgb && index < 16) return index === 8 ? "grey" : NAMES[index % 8];
  const [red, green, blue] = rgb ?? cubeColour(index);
  const distance = (/** @type {string} */ each) => POINTS[each].reduce((sum, value, at) => sum + (value - [red, green, blue][at]) ** 2, 0);
  return plainName(Object.keys(POINTS).reduce((best, each) => (distance(each) < distance(best) ? each : best)));
}

/** @param {string} name */
function plainName(name) {
  return name === "brightBlack" ? "grey" : name.replace(/^bright/, "").toLowerCase();
}

/** @param {number} index */
function cubeColour(index) {
  if (index >= 232) return Array(3).fill(8 + (index - 232) * 10);
  const levels = [0, 95, 135, 175, 215, 255];
  const place = index - 16;
  return [levels[Math.floor(place / 36) % 6], levels[Math.floor(place / 6) % 6], levels[place % 6]];
}
