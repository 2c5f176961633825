/**
 * HTML in a file's Markdown: tags that only arrange text stay, with the attributes that do, others are shown as they are
 * written. The sanitizer takes harm out of all of it; but Chromium reports inline styles and handlers that our policy has
 * stopped as soon as they are parsed, so that nothing of that kind may get so far.
 */
import { escaped } from "./html.js";

const TAGS = new Set(
  (
    "a abbr b blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 " +
    "h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strike strong sub summary sup table tbody td tfoot " +
    "th thead tr tt u ul var wbr"
  ).split(" "),
);
const VOID = new Set(["br", "col", "hr", "img", "wbr"]);
const DROPPED = new Set(["picture", "source", "html", "body"]); // what is in them stays
const ATTRIBUTES = new Set("align alt colspan height href id name open rowspan src start title valign width".split(" "));
const PART = /<!--[\s\S]*?(?:-->|$)|<(\/?)([a-z][a-z0-9-]*)((?:\s(?:[^<>"']|"[^"]*"|'[^']*')*)?)\/?>|<|[^<]+/gi;
const ATTRIBUTE = /([a-z-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+))?/gi;
/** @type {Record<string, string>} */
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };

/** What becomes of the attributes of links and pictures. @typedef {{link: (href: string) => string, picture: (found: Record<string, string>) => string}} Rules */
/** What becomes of other tags: they are shown, or left out with what is in scripts and styles. @typedef {"show" | "drop"} Others */

/**
 * The markup of a piece of HTML.
 * @param {string} text
 * @param {Rules} rules
 * @param {Others} [others]
 */
export function safeTags(text, rules, others = "show") {
  const source = others === "drop" ? text.replace(/<(script|style|template)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, "") : text;
  return source.replace(PART, (part, /** @type {string} */ end, /** @type {string} */ name, /** @type {string} */ rest) => {
    if (part.startsWith("<!--")) return "";
    if (!part.startsWith("<")) return part;
    const tag = name?.toLowerCase();
    if (tag && DROPPED.has(tag)) return "";
    if (!tag || !TAGS.has(tag)) return others === "drop" && tag ? "" : escaped(part);
    return end ? `</${tag}>` : opening(tag, attributesOf(rest), rules);
  });
}

/**
 * How many of the tags in some markup are still open at its end; below zero if more are closed than opened.
 * @param {string} markup
 */
export function openTags(markup) {
  let depth = 0;
  for (const [, end, name] of markup.matchAll(/<(\/?)([a-z][a-z0-9-]*)/gi)) if (!VOID.has(name)) depth += end ? -1 : 1;
  return depth;
}

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {Rules} rules
 */
function opening(tag, attributes, { link, picture }) {
  if (tag === "img") return picture(attributes);
  if (tag !== "a") delete attributes.href;
  delete attributes.src;
  if (attributes.href) attributes.href = link(attributes.href);
  const text = Object.entries(attributes).map(([name, value]) => ` ${name}="${escaped(value)}"`);
  return `<${tag}${text.join("")}>`;
}

/** @param {string} text */
function attributesOf(text) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const [, name, quoted = ""] of text.matchAll(ATTRIBUTE)) {
    const known = name.toLowerCase();
    const value = /^["']/.test(quoted) ? quoted.slice(1, -1) : quoted;
    if (ATTRIBUTES.has(known)) found[known] = value.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity]);
  }
  return found;
}
