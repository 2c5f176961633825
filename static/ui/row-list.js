/** A virtual list of rows of one height, which is larger where fingers press them. */
import { rowLayout } from "../lib/layout.js";
import { VirtualList } from "./virtual-list.js";

const COARSE = "(pointer: coarse), (max-width: 640px)";
const HEIGHTS = { fine: 28, coarse: 40 };
const OVERSCAN = 336; // 12 rows

/**
 * The options are those of `VirtualList`, without the layout.
 * @template {{key: string}} Item
 * @template {import("../lib/types.js").ListElement} El
 * @param {HTMLElement} viewport
 * @param {HTMLElement} list
 * @param {Omit<import("./virtual-list.js").ListOptions<Item, El>, "layout">} options
 */
export function rowList(viewport, list, options) {
  const coarse = matchMedia(COARSE);
  const layout = (/** @type {Item[]} */ items) => rowLayout(items.length, HEIGHTS[coarse.matches ? "coarse" : "fine"]);
  const rows = new VirtualList(viewport, list, { layout, overscan: OVERSCAN, keepsFocus: true, ...options });
  coarse.addEventListener("change", () => rows.relayout());
  return rows;
}
