/** The heading of a lane: its name, how many cards it has, and the button that folds it. */
import { count, sentenceCase } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
/** @import {LaneChoice} from "../../stores/lane-choice.js" */
/** @import {Column} from "../../lib/types.js" */

/**
 * It as markup; `prefix` makes its ids.
 * @param {LaneChoice} lane
 * @param {string} [prefix]
 */
export function laneHead({ name, isFolded }, prefix = "lane") {
  const label = `${isFolded ? "Unfold" : "Fold"} ${sentenceCase(name)}`;
  return html`<header class="lane-head" data-lane="${name}">
    <h2 id="${prefix}-${name}">${sentenceCase(name)}</h2>
    <span class="lane-count" data-testid="lane-count-${name}">0</span>
    <span class="lane-total"></span>
    <button type="button" class="lane-fold" data-lane="${name}" data-testid="fold-${name}" aria-expanded="${String(!isFolded)}" aria-label="${label}" title="${label}">${icon("chevron")}</button>
  </header>`;
}

/**
 * Show in the head of a lane how many of how many cards there are.
 * @param {HTMLElement} root
 * @param {string} lane
 * @param {Pick<Column, "shown" | "total"> | undefined} column
 */
export function showLaneCount(root, lane, { shown, total } = { shown: 0, total: 0 }) {
  const head = root.querySelector(`.lane-head[data-lane="${CSS.escape(lane)}"]`);
  const [shownPlace, totalPlace] = [head?.querySelector(".lane-count"), head?.querySelector(".lane-total")];
  if (shownPlace) shownPlace.textContent = count(shown);
  if (totalPlace) totalPlace.textContent = shown === total ? "" : `of ${count(total)}`;
}
