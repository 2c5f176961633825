/** The pages of the list, as links. */
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { PAGE_SIZE } from "./listing.js";
import { pagesOf, rangeText } from "./paging.js";
/** @import {ListAnswer} from "./types.js" */

/**
 * Nothing where there is one page.
 * @param {ListAnswer} list
 * @param {Record<string, string>} query
 */
export function pagerOf({ page, total_pages, total, pipelines }, query) {
  if (total_pages <= 1) return null;
  const there = (/** @type {number} */ number) => address({ page: "pipelines", query: { ...query, page: number > 1 ? String(number) : null } });
  const step = (/** @type {number} */ number, /** @type {string} */ label, /** @type {string} */ name) =>
    number < 1 || number > total_pages
      ? html`<span class="button icon-button is-off" aria-hidden="true">${icon("chevron")}</span>`
      : html`<a class="button icon-button" href="${there(number)}" rel="${name}" aria-label="${label}" title="${label}" data-testid="page-${name}">${icon("chevron")}</a>`;
  return html`<nav class="pager" aria-label="Pages" data-testid="pager">
    <span class="pager-range" data-testid="pager-range">${rangeText({ page, total_pages, total, shown: pipelines.length, page_size: PAGE_SIZE })}</span>
    <span class="pager-back">${step(page - 1, "Newer pipelines", "prev")}</span>
    <ol>${pagesOf(page, total_pages).map((number) =>
      number === null
        ? html`<li class="pager-gap" aria-hidden="true">…</li>`
        : html`<li><a class="button pager-page" href="${there(number)}" aria-label="Page ${number}" ${number === page ? html`aria-current="page"` : null}>${number}</a></li>`,
    )}</ol>
    <span class="pager-on">${step(page + 1, "Older pipelines", "next")}</span>
  </nav>`;
}
