/** Runs `marked` beside the page. Gives the markup of a text block by block; the page takes the harm out of it. */
import { Marked } from "/vendor/marked/marked.esm.js";
import { fileRules } from "./markdown-rules.js";

const marked = new Marked({ gfm: true, breaks: false, async: false });
marked.use({ renderer: fileRules });

addEventListener("message", ({ data: { number, text } }) => postMessage({ number, result: blocksOf(text) }));

function blocksOf(text) {
  try {
    return marked
      .lexer(text)
      .filter(({ type }) => type !== "space" && type !== "def")
      .map((token) => ({ markup: marked.parser([token]), raw: token.raw }));
  } catch {
    return null; // nested too deep for it
  }
}
