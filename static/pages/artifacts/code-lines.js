/** Lines of a file as elements: number, text or coloured pieces, and the signs of what is special in a line. */
/** @import {CodeLine} from "./types.js" */

/**
 * The element of a line.
 * @param {CodeLine} line
 */
export function lineElement({ number, text, isClipped, isHidden }) {
  const line = document.createElement("div");
  line.className = "line";
  line.dataset.line = String(number);
  line.dataset.testid = "line";
  fillPlain(line, text, isHidden);
  if (isClipped) line.append(sign("clipped", "line goes on", "This line is longer than what is shown of it"));
  return line;
}

/**
 * Put colours into a line: pieces `[class, text, ...]` as highlight.js found them; not if they are not its text.
 * @param {Element} line
 * @param {string[]} pieces
 * @param {CodeLine} shown
 */
export function colour(line, pieces, { text, isHidden, isClipped }) {
  if (isHidden || isClipped || pieces.length === 0) return;
  let length = 0;
  for (let index = 1; index < pieces.length; index += 2) length += pieces[index].length;
  if (length !== text.length) return;
  const parts = [];
  for (let index = 0; index < pieces.length; index += 2) {
    const [name, piece] = [pieces[index], pieces[index + 1]];
    parts.push(name ? Object.assign(document.createElement("span"), { className: name, textContent: piece }) : piece);
  }
  line.replaceChildren(...parts);
}

/**
 * @param {HTMLElement} line
 * @param {string} text
 * @param {boolean} isHidden
 */
function fillPlain(line, text, isHidden) {
  if (text === "") line.append(document.createElement("br"));
  else if (!isHidden) line.textContent = text;
  else {
    let from = 0;
    for (const { 0: found, index } of text.matchAll(HIDDEN)) {
      line.append(text.slice(from, index), hidden(found));
      from = index + found.length;
    }
    line.append(text.slice(from));
  }
}

/** @param {string} character */
function hidden(character) {
  const code = `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  return sign("hidden-character", code, "A character that is not seen, or that turns the direction of writing");
}

/**
 * @param {string} name
 * @param {string} text
 * @param {string} title
 */
function sign(name, text, title) {
  return Object.assign(document.createElement("span"), { className: name, textContent: text, title });
}
