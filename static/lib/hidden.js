/**
 * Characters that are not seen or turn the direction of writing, made visible wherever a text is shown that agents wrote.
 * `html` (html.js) does it by itself; these functions are for text that becomes nodes or attributes otherwise.
 */

// As HIDDEN_IN_TEXT in src/llm_service/files/hidden_characters.py, which says why these; a test compares them.
const HIDDEN =
  /[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}\u{e0080}-\u{e00ff}\u{e01f0}-\u{e0fff}]|(?<![\u0590-\u08ff\u0900-\u0dff\u0e80-\u109f\u1780-\u18af\u1900-\u1cff\ua800-\uabff\ufb1d-\ufdff\ufe0f\ufe70-\ufefc\u00a9\u00ae\u203c-\u3299\u{10a00}-\u{11fff}\u{1e800}-\u{1efff}\u{1f000}-\u{1faff}])[\u200c\u200d]|(?<=[\u180b-\u180d\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}])[\u180b-\u180d\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}]+|(?<![\u{1f3f4}\u{e0001}-\u{e007f}])[\u{e0001}-\u{e007f}]+/gu;

const ODD = /[^\t\n\r\x20-\x7e]/; // most texts have nothing to look for
const TITLE = "A character that is not seen, or that turns the direction of writing";
const MOST_CODES = 3;

/**
 * True if there is nothing to mark in a text.
 * @param {string} text
 */
export function isPlain(text) {
  return !ODD.test(text) || text.search(HIDDEN) < 0;
}

/**
 * The text with each such character as ‹U+202E›: for attributes, titles and pictures, in which nothing can be marked.
 * @param {string} text
 */
export function visible(text) {
  return text.replace(HIDDEN, (found) => `‹${codesOf(found)}›`);
}

/**
 * Escaped text with its hidden characters marked, as markup.
 * @param {string} text
 */
export function withMarks(text) {
  if (!ODD.test(text)) return text;
  return text.replace(HIDDEN, (found) => `<span class="hidden-character" title="${TITLE}">${codesOf(found)}</span>`);
}

/**
 * The parts of a text, to be appended to an element: strings, and an element for each hidden character.
 * @param {string} text
 * @returns {(string | HTMLElement)[]}
 */
export function partsOf(text) {
  if (isPlain(text)) return [text];
  const parts = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(HIDDEN)) {
    if (index > from) parts.push(text.slice(from, index));
    parts.push(mark(found));
    from = index + found.length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

/**
 * Show a text in an element.
 * @param {Element} place
 * @param {string} text
 */
export function setText(place, text) {
  if (isPlain(text)) place.textContent = text;
  else place.replaceChildren(...partsOf(text));
}

/**
 * Mark what is in the texts below a node, and spell it out in titles.
 * @template {Node & ParentNode} Root
 * @param {Root} root
 */
export function markIn(root) {
  for (const element of root.querySelectorAll("[title]")) {
    const title = element.getAttribute("title") ?? "";
    if (!isPlain(title)) element.setAttribute("title", visible(title));
  }
  if (isPlain(root.textContent ?? "")) return root;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) found.push(/** @type {Text} */ (walker.currentNode));
  for (const text of found) if (!isPlain(text.data)) text.replaceWith(...partsOf(text.data));
  return root;
}

/** @param {string} found */
function mark(found) {
  return Object.assign(document.createElement("span"), { className: "hidden-character", textContent: codesOf(found), title: TITLE });
}

/** @param {string} found */
function codesOf(found) {
  const codes = [...found].map((character) => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`);
  return codes.length > MOST_CODES ? `${codes.slice(0, MOST_CODES).join(" ")} … (${codes.length})` : codes.join(" ");
}
