/** Lines of a file as elements: number, text or coloured pieces, and the signs of what is special in a line. */
import { partsOf } from "../../lib/hidden.js";

/** @import {CodeLine} from "./types.js" */

/**
 * The element of a line.
 * @param {CodeLine} line
 */
export function lineElement({ number, text, isClipped }) {
  const line = document.createElement("div");
  line.className = "line";
  line.dataset.line = String(number);
  line.dataset.testid = "line";
  if (text === "") line.append(document.createElement("br"));
  else line.append(...partsOf(text));
  if (isClipped) line.append(goesOn(text.length - CUT.length + 1));
  return line;
}

/** The end of a line that is not shown whole, as the service writes it. */
export const CUT = " …";

/**
 * A button that shows the part of a long line from a column on.
 * @param {number} column
 * @param {string} [text]
 */
export function goesOn(column, text = "line goes on") {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "clipped", textContent: text });
  button.title = "This line is longer than what is shown of it: show another part";
  Object.assign(button.dataset, { column, testid: "line-part" });
  return button;
}

/**
 * Put colours into a line: pieces `[class, text, ...]`; not if they are not the text that is shown.
 * @param {Element} line
 * @param {string[]} pieces
 * @param {CodeLine} shown
 */
export function colour(line, pieces, { text, isClipped }) {
  if (isClipped || pieces.length === 0) return;
  let joined = "";
  for (let index = 1; index < pieces.length; index += 2) joined += pieces[index];
  if (joined === text) line.replaceChildren(...piecesOf(pieces));
}

/**
 * Coloured pieces as nodes.
 * @param {string[]} pieces
 */
export function piecesOf(pieces) {
  /** @type {(string | HTMLElement)[]} */
  const parts = [];
  for (let index = 0; index < pieces.length; index += 2) {
    const [name, piece] = [pieces[index], partsOf(pieces[index + 1])];
    if (!name) parts.push(...piece);
    else {
      const span = Object.assign(document.createElement("span"), { className: name });
      span.append(...piece);
      parts.push(span);
    }
  }
  return parts;
}
