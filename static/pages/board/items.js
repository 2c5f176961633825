/** The elements of what a board lists: cards, and headings of groups. */
/** @import {TaskCard} from "./task-card.js" */
/** @import {FactsOf, Item, ItemElement, Look} from "./types.js" */

/**
 * A new element for an item.
 * @param {Item} item
 * @param {Look} look
 */
export function makeItem(item, { heads }) {
  return item.isGroup && heads ? heads.groupHead() : /** @type {TaskCard} */ (document.createElement("task-card"));
}

/**
 * Show an item in its element.
 * @param {ItemElement} element
 * @param {Item} item
 * @param {{index: number, length: number, width: number | null}} place
 * @param {FactsOf} factsOf
 * @param {Look} look
 */
export function showItem(element, item, { index, length, width }, factsOf, { density, group, heads, current, hostNames }) {
  if (item.isGroup) {
    heads?.showGroupHead(element, item, group ?? "agent", hostNames);
  } else {
    /** @type {TaskCard} */ (element).show({ record: item, ...factsOf(item), width: width ?? 0, density });
    element.toggleAttribute("data-current", item.key === current);
  }
  element.style.width = item.isGroup ? "100%" : `${width}px`;
  element.setAttribute("aria-setsize", String(length));
  element.setAttribute("aria-posinset", String(index + 1));
}
