/** The title of the window, and its icon. */
import { fileName } from "../lib/format.js";
/** @import {Page, Route} from "../lib/types.js" */

/** The address of the icon while nothing waits. @type {string | undefined} */
let plain;

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
 * The icon of the window: with the number of what waits for the user.
 * @param {number} count
 */
export function markIcon(count) {
  const link = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel="icon"]'));
  if (!link) return;
  plain ??= link.href;
  const href = count > 0 ? iconOf(count) : plain;
  if (link.href !== href) link.href = href;
}

/** Drawn large, as it is shown at 16 px. @param {number} count */
function iconOf(count) {
  const text = count > 9 ? "9+" : String(count);
  const [size, x] = count > 9 ? [15, 19] : [21, 20];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#3558d4"/><rect x="4" y="7" width="5" height="18" rx="1.8" fill="#fff"/><circle cx="19" cy="16" r="13" fill="#c42b2a" stroke="#fff" stroke-width="2"/><text x="${x - 1}" y="${16 + size * 0.36}" font-family="sans-serif" font-weight="700" font-size="${size}" text-anchor="middle" fill="#fff">${text}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
