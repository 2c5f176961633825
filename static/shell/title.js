/** The title of the window, and its icon. */
import { fileName } from "../lib/format.js";
/** @import {Page, Route} from "../lib/types.js" */

const QUIET = "/favicon.svg";
const WAITING = "/favicon-waiting.svg";

/**
 * What is shown, of which page and workspace; the board is not named. `count`: so many things wait for the user.
 * @param {Route} route
 * @param {Page[]} pages
 * @param {string | null} workspace
 * @param {number} [count]
 */
export function titleOf({ page, item, query }, pages, workspace, count = 0) {
  const label = pages.find(({ name }) => name === page)?.label;
  const parts = page === "board" ? [] : [query.path ? fileName(query.path) : null, item, label];
  return (count > 0 ? `(${count}) ` : "") + [...parts, workspace, "llm-service"].filter(Boolean).join(" · ");
}

/**
 * The icon of the window: with a dot while something waits for the user.
 * @param {boolean} isNeeded
 */
export function markIcon(isNeeded) {
  const link = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel="icon"]'));
  if (!link || link.href.endsWith(WAITING) === isNeeded) return;
  link.href = isNeeded ? link.href.replace(QUIET, WAITING) : link.href.replace(WAITING, QUIET);
}
