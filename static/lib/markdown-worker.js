/** Runs `marked` beside the page. Gives the markup of a text block by block; the page takes the harm out of it. */
import { Marked } from "/vendor/marked/marked.esm.js";
import { fileRules } from "./markdown-rules.js";

const ITEMS = 50;

const marked = new Marked({ gfm: true, breaks: false, async: false });
marked.use({ renderer: fileRules });

addEventListener("message", ({ data: { number, text } }) => postMessage({ number, result: blocksOf(text) }));

/** @param {string} text */
function blocksOf(text) {
  try {
    return marked
      .lexer(text)
      .filter(({ type }) => type !== "space" && type !== "def")
      .flatMap(parts)
      .map((token) => ({ markup: marked.parser([token]), raw: token.raw }));
  } catch {
    return null; // nested too deep for it
  }
}

/**
 * A long list as several, so that no block takes long.
 * @param {import("./types.js").MarkdownToken} token
 */
function parts(token) {
  if (token.type !== "list" || !token.items || token.items.length <= ITEMS) return [token];
  const found = [];
  for (let from = 0; from < token.items.length; from += ITEMS) {
    const items = token.items.slice(from, from + ITEMS);
    const start = token.ordered ? (Number(token.start) || 0) + from : token.start;
    found.push({ ...token, items, start, raw: items.map(({ raw }) => raw).join("") });
  }
  return found;
}
