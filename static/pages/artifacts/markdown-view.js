/** A Markdown file as its author meant it to look, made harmless: see lib/long-markdown.js. */
import { one } from "../../lib/dom.js";
import { showMarkdown } from "../../lib/long-markdown.js";
import { html, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { parentOf } from "../../lib/paths.js";

/** The largest that is rendered; beyond it the source is shown. */
export const MOST_RENDERED_BYTES = 262_144;

/**
 * Show the text in `place`; false if it cannot be rendered.
 * @param {Element} place
 * @param {string} text
 * @param {{project: string, path: string, signal: AbortSignal}} file
 */
export async function showRendered(place, text, { project, path, signal }) {
  if (!place.querySelector(".file-prose")) {
    render(place, html`<article class="prose file-prose" data-testid="rendered"></article>`);
  }
  const addressOf = (/** @type {string} */ href) => {
    const target = resolved(path, href);
    return target === null ? null : address({ page: "artifacts", item: project, query: { path: target } });
  };
  return showMarkdown(one(place, "article"), text, { addressOf, signal });
}

/**
 * The path in the project that a link from a file means; null if it leads out of it.
 * @param {string} path
 * @param {string} href
 */
export function resolved(path, href) {
  const target = href.split(/[?#]/, 1)[0];
  if (target === "" || target.startsWith("/")) return null;
  const parts = parentOf(path).split("/").filter(Boolean);
  for (const part of target.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return null;
    } else if (part !== "" && part !== ".") parts.push(decoded(part));
  }
  return parts.length > 0 ? parts.join("/") : null;
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
