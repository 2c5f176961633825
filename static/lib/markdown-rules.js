/** What Markdown written by agents may become: for `marked`. Files may have more: see file-markdown.js. */
import { escaped } from "./html.js";

/** How a link to another file is distinguished from one to the web until it is resolved. */
export const HERE = "https://file.invalid/";

// HTML in Markdown is shown as it is written. The sanitizer would take the harm out of it, but parsing it is enough
// for Chromium to report the inline styles and handlers that our policy has stopped.
/** @param {{text: string}} token */
function markupAsText({ text }) {
  return escaped(text);
}

// An image would report to its server that it is shown; its text is shown instead.
/** @param {{text: string, href: string}} token */
function imageAsText({ text, href }) {
  return escaped(`🖼 ${text || href}`);
}

/** @param {{checked: boolean}} token */
function boxAsText({ checked }) {
  return checked ? "☑ " : "☐ ";
}

/** Renderers that leave neither markup nor images. */
export const rules = { html: markupAsText, image: imageAsText, checkbox: boxAsText };
