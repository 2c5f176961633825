/** A Markdown file as its author meant it to look, made harmless: see lib/long-markdown.js. */
import { delegate, one } from "../../lib/dom.js";
import { anchorIn, showMarkdown } from "../../lib/long-markdown.js";
import { html, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { parentOf } from "../../lib/paths.js";
import { pictureAddress } from "./api.js";

/** @import {FileContext} from "../../lib/types.js" */

/** The largest that is rendered; beyond it the source is shown. */
export const MOST_RENDERED_BYTES = 262_144;
const [TRIES, LEAST] = [20, 3]; // frames in which it is scrolled to once more

/**
 * Show the text in `place`; false if it cannot be rendered.
 * @param {Element} place
 * @param {string} text
 * @param {{project: string, path: string, signal: AbortSignal}} file
 */
export async function showRendered(place, text, { project, path, signal }) {
  if (!place.querySelector(".file-prose")) {
    render(place, html`<article class="prose file-prose" data-testid="rendered"></article>`);
    // The address does not change if it is that of the place which was gone to before.
    delegate(one(place, "article"), "click", "a", (_, link) => {
      if (link.getAttribute("href") === location.hash) goToAnchor(place, new URLSearchParams(location.hash.split("?")[1]).get("at"));
    });
  }
  return showMarkdown(one(place, "article"), text, { ...contextOf(project, path), signal });
}

/**
 * Bring a heading or a note of what is rendered into view; false if it has none of that name.
 * @param {Element} place
 * @param {string | null | undefined} name
 */
export function goToAnchor(place, name) {
  const target = name ? anchorIn(place, name) : null;
  target?.closest("details")?.setAttribute("open", "");
  if (target) scrollTo(target, TRIES);
  return target !== null;
}

/**
 * What is above gets its true height only when it comes into view, and so moves what was scrolled to.
 * @param {Element} target
 * @param {number} tries
 */
function scrollTo(target, tries) {
  target.scrollIntoView({ block: "start" });
  const before = target.getBoundingClientRect().top;
  requestAnimationFrame(() => {
    const moved = Math.abs(target.getBoundingClientRect().top - before) > 1;
    if (target.isConnected && (moved || tries > TRIES - LEAST) && tries > 0) scrollTo(target, tries - 1);
  });
}

/**
 * What the links and pictures of a file mean.
 * @param {string} project
 * @param {string} path
 * @returns {FileContext}
 */
export function contextOf(project, path) {
  return {
    addressOf: (href) => {
      const target = resolved(path, href);
      return target === null ? null : address({ page: "artifacts", item: project, query: target });
    },
    pictureAt: (href) => {
      const target = resolved(path, href);
      return target === null ? null : pictureAddress(project, target.path);
    },
  };
}

/**
 * What a link from a file means: a path in the project, and perhaps a line (`#L3`) or a heading of it; null if it leads out.
 * @param {string} from
 * @param {string} href
 * @returns {{path: string, line?: string, at?: string} | null}
 */
export function resolved(from, href) {
  const [target, fragment = ""] = href.split("#", 2);
  const file = target.split("?", 1)[0];
  const path = file === "" ? from : pathOf(parentOf(from), file);
  if (path === null || (file === "" && fragment === "")) return null;
  const line = /^L(\d{1,9})(?:C\d+)?(?:-L?\d+(?:C\d+)?)?$/i.exec(fragment)?.[1];
  if (line) return { path, line };
  return fragment ? { path, at: decoded(fragment) } : { path };
}

/**
 * @param {string} folder
 * @param {string} target
 */
function pathOf(folder, target) {
  if (target.startsWith("/")) return null;
  const parts = folder.split("/").filter(Boolean);
  for (const part of target.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return null;
    } else if (part !== "" && part !== ".") parts.push(decoded(part));
  }
  return parts.join("/");
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
