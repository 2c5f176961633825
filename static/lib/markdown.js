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
const ATTRIBUTES = ["style", "srcset", "background", "tabindex", "accesskey"];
const CLASSES = new Set(
  "alert-note alert-tip alert-important alert-warning alert-caution footnotes front-matter picture".split(" "),
);
const SIDED = new Set(["BLOCKQUOTE", "UL", "OL", "TABLE"]);
const HARMLESS = {
  RETURN_DOM_FRAGMENT: true,
  USE_PROFILES: { html: true },
  FORBID_TAGS: [...FORBIDDEN, ...MEDIA],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

/** @typedef {(text: string) => DocumentFragment} Shower */

/** A function `(text) => DocumentFragment`. Text too long or too deep to be rendered comes as it is, in a <pre>. */
export const loadMarkdown = lazily(async () => {
  const [{ Marked }, clean] = await Promise.all([import("/vendor/marked/marked.esm.js"), loadSanitizer()]);
  return prepare(new Marked({ gfm: true, breaks: false, async: false }), clean);
}, "/vendor/marked/marked.esm.js");

const loadPurify = lazily(async () => {
  const { default: purify } = await import("/vendor/dompurify/purify.es.mjs");
  purify.addHook("afterSanitizeAttributes", keepLinksHarmless);
  purify.addHook("afterSanitizeAttributes", arrange);
  purify.addHook("uponSanitizeAttribute", keepKnownClasses);
  return purify;
}, "/vendor/dompurify/purify.es.mjs");

/** A function `(markup) => DocumentFragment` that leaves what is harmless. @returns {Promise<Shower>} */
async function loadSanitizer() {
  const purify = await loadPurify();
  return (markup) => purify.sanitize(markup, { ...HARMLESS, FORBID_ATTR: [...ATTRIBUTES, "class", "id", "name"] });
}

/**
 * The same for files: links lead to headings, by ids that begin with `user-content-`; notes have classes of ours.
 * @returns {Promise<Shower>}
 */
export async function loadFileSanitizer() {
  const purify = await loadPurify();
  return (markup) => purify.sanitize(markup, { ...HARMLESS, FORBID_ATTR: ATTRIBUTES, SANITIZE_NAMED_PROPS: true });
}

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

/**
 * @param {Element} _node
 * @param {{attrName: string, attrValue: string, keepAttr: boolean}} attribute
 */
function keepKnownClasses(_node, attribute) {
  if (attribute.attrName === "class" && !CLASSES.has(attribute.attrValue)) attribute.keepAttr = false;
}

/**
 * Bars, bullets and columns are on the side where the words begin; what has a box to tick needs no bullet.
 * @param {Element} node
 */
function arrange(node) {
  if (SIDED.has(node.tagName) && !node.hasAttribute("dir")) node.setAttribute("dir", "auto");
  if (node.tagName !== "LI") return;
  const first = node.firstElementChild?.tagName === "P" ? node.firstElementChild : node.firstChild;
  if (/^[☐☑] /.test(first?.textContent ?? "")) node.classList.add("with-box");
}

/** @param {Element} node */
function keepLinksHarmless(node) {
  if (node.tagName !== "A") return;
  if (!node.hasAttribute("href")) return;
  node.setAttribute("rel", "noopener noreferrer");
  node.setAttribute("target", "_blank");
}
