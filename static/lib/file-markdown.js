/** Markdown of a file as markup, for the worker: with links and pictures of the project, notes, footnotes and some HTML. */
import { escaped } from "./html.js";
import { HERE, rules } from "./markdown-rules.js";
import { safeTags } from "./safe-tags.js";

/** @import {FootnoteToken, MarkdownToken} from "./types.js" */

const ELSEWHERE = /^(?:[a-z][a-z0-9+.-]*:|[/\\]{2})/i;
const DATA_PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[\w+/=]+$/;

/**
 * Set a parser up for files: `plugins` for footnotes and alerts, `slug(text)` gives the name of a heading.
 * @param {MarkdownParser} marked
 * @param {{plugins: object[], slug: (text: string) => string}} parts
 */
export function useFileRules(marked, { plugins, slug }) {
  marked.use(...plugins);
  marked.use({
    renderer: { ...rules, html: (/** @type {{text: string}} */ { text }) => safeTags(text, { link: here, picture }), image: pictureOf, link, heading: headingWith(slug) },
    extensions: [
      { name: "alert", renderer: alert },
      { name: "footnoteRef", renderer: footnoteMark },
      { name: "footnotes", renderer: footnoteList },
    ],
  });
}

/**
 * An address of something in the project, under one that nobody has: see `HERE`.
 * @param {string} href
 */
export function here(href) {
  return ELSEWHERE.test(href) ? href : HERE + encodeURIComponent(href);
}

// A picture is put in by the page, which knows where it is: an element with its address would be loaded at once.
/** @param {Record<string, string>} found */
export function picture({ src = "", alt = "", width = "", height = "" }) {
  const size = `${/^\d{1,4}/.exec(width)?.[0] ?? ""}x${/^\d{1,4}/.exec(height)?.[0] ?? ""}`;
  const address = DATA_PICTURE.test(src) ? src : here(src);
  return `<span class="picture" title="${size} ${escaped(address)}">${escaped(alt)}</span>`;
}

/** @param {{text: string, href: string}} token */
function pictureOf({ text, href }) {
  return picture({ src: href, alt: text });
}

// Handed on to the usual renderer.
/** @param {{href: string}} token */
function link(token) {
  token.href = here(token.href);
  return false;
}

/** @param {(text: string) => string} slug */
function headingWith(slug) {
  /**
   * @this {{parser: MarkdownParser}}
   * @param {{tokens: MarkdownToken[], depth: number}} token
   */
  return function heading({ tokens, depth }) {
    const markup = this.parser.parseInline(tokens);
    const text = markup.replace(/<[^>]*>/g, "").replace(/&(?:amp|lt|gt|quot|#39);/g, "");
    return `<h${depth} id="${escaped(slug(text.trim()))}">${markup}</h${depth}>\n`;
  };
}

/**
 * @this {{parser: MarkdownParser}}
 * @param {MarkdownToken} token
 */
function alert({ meta, tokens = [] }) {
  return `<div class="alert-${meta.variant}"><p><strong>${escaped(meta.title)}</strong></p>${this.parser.parse(tokens)}</div>\n`;
}

/** @param {{label: string, id: string, index: number}} token */
function footnoteMark({ label, id, index }) {
  const name = escaped(encodeURIComponent(label));
  return `<sup><a id="fnref-${name}${index > 0 ? `-${index + 1}` : ""}" href="${here(`#fn-${label}`)}">${escaped(id)}</a></sup>`;
}

/**
 * @this {{parser: MarkdownParser}}
 * @param {{items?: FootnoteToken[]}} token
 */
function footnoteList({ items = [] }) {
  if (items.length === 0) return "";
  const made = items.map(({ label, content, refs }) => {
    const back = refs.map((_, index) => ` <a href="${here(`#fnref-${label}${index > 0 ? `-${index + 1}` : ""}`)}" title="Back">↩</a>`);
    const text = this.parser.parse(content).trimEnd();
    const inside = text.endsWith("</p>") ? `${text.slice(0, -4)}${back.join("")}</p>` : text + back.join("");
    return `<li id="fn-${escaped(encodeURIComponent(label))}">${inside}</li>`;
  });
  return `<div class="footnotes"><ol>${made.join("")}</ol></div>\n`;
}
