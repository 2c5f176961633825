/** Runs `marked` beside the page. Gives the markup of a text block by block; the page takes the harm out of it. */
import Slugger from "/vendor/github-slugger/index.js";
import alerts from "/vendor/marked-alert/index.js";
import footnotes from "/vendor/marked-footnote/index.js";
import { Marked } from "/vendor/marked/marked.esm.js";
import { here, picture, useFileRules } from "./file-markdown.js";
import { splitFront } from "./front-matter.js";
import { openTags, safeTags } from "./safe-tags.js";

/** @import {MarkdownToken} from "./types.js" */
/** @typedef {{markup: string, raw: string}} Block */

const ITEMS = 50;
const LONGEST_BLOCK = 60_000;

const marked = new Marked({ gfm: true, breaks: false, async: false });
const slugger = new Slugger();
useFileRules(marked, { plugins: [footnotes(), alerts()], slug: (text) => slugger.slug(text) });

// A text of Markdown, or the HTML of a notebook, of which only what arranges text is left.
addEventListener("message", ({ data: { number, text, isHtml } }) => {
  postMessage({ number, result: isHtml ? [htmlBlock(text)] : blocksOf(text) });
});

postMessage({ number: 0 });

/** @param {string} text */
function htmlBlock(text) {
  return { markup: safeTags(text, { link: here, picture }, "drop"), raw: text };
}

/** @param {string} text */
function blocksOf(text) {
  try {
    slugger.reset(); // names of headings are counted in each file
    const { front, body } = splitFront(text);
    const tokens = marked.lexer(body);
    marked.walkTokens(tokens, marked.defaults.walkTokens);
    const blocks = tokens
      .filter(({ type }) => type !== "space" && type !== "def")
      .flatMap(parts)
      .map((token) => ({ markup: marked.parser([token]), raw: token.raw ?? "" }));
    return joined(front ? [{ markup: front, raw: "" }, ...blocks] : blocks);
  } catch {
    return null; // nested too deep for it
  }
}

/**
 * Blocks between a tag and its end as one: each is cleaned by itself.
 * @param {Block[]} blocks
 */
function joined(blocks) {
  /** @type {Block[]} */
  const whole = [];
  /** @type {Block[]} */
  let open = [];
  let [depth, length] = [0, 0];
  for (const block of blocks) {
    depth += openTags(block.markup);
    length += block.markup.length;
    open.push(block);
    if (depth > 0 && length <= LONGEST_BLOCK) continue;
    if (depth <= 0) whole.push({ markup: open.map(({ markup }) => markup).join(""), raw: open.map(({ raw }) => raw).join("") });
    else whole.push(...open);
    [depth, length, open] = [0, 0, []];
  }
  return [...whole, ...open];
}

/**
 * A long list as several, so that no block takes long.
 * @param {MarkdownToken} token
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
