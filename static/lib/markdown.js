/**
 * Markdown written by agents as nodes that are safe to show: no scripts, no styles, no forms, no images from
 * anywhere, links only to http, https and mailto. The libraries are loaded at first use.
 */
import { markIn, partsOf } from "./hidden.js";
import { lazily } from "./lazy.js";
import { rules } from "./markdown-rules.js";

// Emphasis that never ends takes marked the square of its length: 20,000 characters at worst 0.8 s, 60,000 seven.
const LONGEST = 20_000;
const FORBIDDEN = ["style", "form", "input", "button", "textarea", "select", "option", "label", "img", "picture"];
const MEDIA = ["audio", "video", "source", "track", "iframe", "object", "embed", "svg", "math", "template", "dialog"];

/** @typedef {(text: string) => DocumentFragment} Shower */

/** A function `(text) => DocumentFragment`. Text too long or too deep to be rendered comes as it is, in a <pre>. */
export const loadMarkdown = lazily(async () => {
  const [{ Marked }, clean] = await Promise.all([import("/vendor/marked/marked.esm.js"), loadSanitizer()]);
  return prepare(new Marked({ gfm: true, breaks: false, async: false }), clean);
}, "/vendor/marked/marked.esm.js");

/** A function `(markup) => DocumentFragment` that leaves what is harmless. */
export const loadSanitizer = lazily(async () => {
  const { default: purify } = await import("/vendor/dompurify/purify.es.mjs");
  purify.addHook("afterSanitizeAttributes", keepLinksHarmless);
  return (/** @type {string} */ markup) =>
    purify.sanitize(markup, {
      RETURN_DOM_FRAGMENT: true,
      USE_PROFILES: { html: true },
      FORBID_TAGS: [...FORBIDDEN, ...MEDIA],
      FORBID_ATTR: ["style", "class", "id", "name", "srcset", "background", "tabindex", "accesskey"],
      ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
      ALLOW_DATA_ATTR: false,
      ALLOW_ARIA_ATTR: false,
    });
}, "/vendor/dompurify/purify.es.mjs");

/**
 * Text as it is, in a <pre>.
 * @param {string} text
 */
export function plain(text) {
  const block = document.createElement("pre");
  block.append(...partsOf(text));
  const fragment = document.createDocumentFragment();
  fragment.append(block);
  return fragment;
}

/**
 * @param {MarkdownParser} marked
 * @param {Shower} clean
 * @returns {Shower}
 */
function prepare(marked, clean) {
  marked.use({ renderer: rules });
  return (text) => {
    const markup = text.length > LONGEST ? null : parsed(marked, text);
    return markup === null ? plain(text) : markIn(clean(markup));
  };
}

// Nested thousands deep it is too much for the parser's stack.
/**
 * @param {MarkdownParser} marked
 * @param {string} text
 */
function parsed(marked, text) {
  try {
    return marked.parse(text);
  } catch {
    return null;
  }
}

/** @param {Element} node */
function keepLinksHarmless(node) {
  if (node.tagName !== "A") return;
  if (!node.hasAttribute("href")) return;
  node.setAttribute("rel", "noopener noreferrer");
  node.setAttribute("target", "_blank");
}
