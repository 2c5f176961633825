/**
 * Markdown written by agents as nodes that are safe to show: no scripts, no styles, no forms, no images from
 * anywhere, links only to http, https and mailto. The libraries are loaded at first use.
 */
import { escaped } from "./html.js";

const LONGEST = 60_000;
const FORBIDDEN = ["style", "form", "input", "button", "textarea", "select", "option", "label", "img", "picture"];
const MEDIA = ["audio", "video", "source", "track", "iframe", "object", "embed", "svg", "math", "template", "dialog"];

let tools;

/** A function `(text) => DocumentFragment`. Text too long to be rendered quickly comes as it is, in a <pre>. */
export async function loadMarkdown() {
  tools ??= Promise.all([import("/vendor/marked/marked.esm.js"), import("/vendor/dompurify/purify.es.mjs")]).then(
    ([{ Marked }, { default: purify }]) => prepare(new Marked({ gfm: true, breaks: false, async: false }), purify),
  );
  return tools;
}

function prepare(marked, purify) {
  marked.use({ renderer: { html: markupAsText, image: imageAsText, checkbox: boxAsText } });
  purify.addHook("afterSanitizeAttributes", keepLinksHarmless);
  return (text) => {
    if (text.length > LONGEST) return plain(text);
    return purify.sanitize(marked.parse(text), {
      RETURN_DOM_FRAGMENT: true,
      USE_PROFILES: { html: true },
      FORBID_TAGS: [...FORBIDDEN, ...MEDIA],
      FORBID_ATTR: ["style", "class", "id", "name", "srcset", "background", "tabindex", "accesskey"],
      ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
      ALLOW_DATA_ATTR: false,
      ALLOW_ARIA_ATTR: false,
    });
  };
}

function keepLinksHarmless(node) {
  if (node.tagName !== "A") return;
  if (!node.hasAttribute("href")) return;
  node.setAttribute("rel", "noopener noreferrer");
  node.setAttribute("target", "_blank");
}

// HTML in Markdown is shown as it is written. The sanitizer would take the harm out of it, but parsing it is enough
// for Chromium to report the inline styles and handlers that our policy has stopped.
function markupAsText({ text }) {
  return escaped(text);
}

// An image would tell its server that somebody looks; what it showed is said instead.
function imageAsText({ text, href }) {
  return escaped(`🖼 ${text || href}`);
}

function boxAsText({ checked }) {
  return checked ? "☑ " : "☐ ";
}

function plain(text) {
  const block = document.createElement("pre");
  block.textContent = text;
  const fragment = document.createDocumentFragment();
  fragment.append(block);
  return fragment;
}
