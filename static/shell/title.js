/** The title of the window. */
import { fileName } from "../lib/format.js";
/** @import {Page, Route} from "../lib/types.js" */

/**
 * What is shown, of which page and workspace; the board is not named.
 * @param {Route} route
 * @param {Page[]} pages
 * @param {string | null} workspace
 */
export function titleOf({ page, item, query }, pages, workspace) {
  const label = pages.find(({ name }) => name === page)?.label;
  const parts = page === "board" ? [] : [query.path ? fileName(query.path) : null, item, label];
  return [...parts, workspace, "llm-service"].filter(Boolean).join(" · ");
}
