/** Lines of a file as elements: number, text or coloured pieces, and what has to be said of a line. */

// What is not seen or turns the direction of writing: source that reads otherwise than it runs. As sources/preview.py.
const HIDDEN =
  /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u0084\u0086-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/g;

/** The element of a line: `{number, text, isClipped, isHidden}`. */
export function lineElement({ number, text, isClipped, isHidden }) {
  const line = document.createElement("div");
  line.className = "line";
  line.dataset.line = number;
  line.dataset.testid = "line";
  fillPlain(line, text, isHidden);
  if (isClipped) line.append(sign("clipped", "line goes on", "This line is longer than what is shown of it"));
  return line;
}

/** Put colours into a line: pieces `[class, text, ...]` as highlight.js found them. False if they are not its text. */
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

function hidden(character) {
  const code = `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  return sign("hidden-character", code, "A character that is not seen, or that turns the direction of writing");
}

function sign(name, text, title) {
  return Object.assign(document.createElement("span"), { className: name, textContent: text, title });
}
