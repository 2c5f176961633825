/** Arrows lead from a pipeline to the next one, and among the jobs of a pipeline. */
import { isTyping } from "../../lib/dom.js";

/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1 };
/** @type {Record<string, number>} */
const COLUMNS = { ArrowRight: 1, ArrowLeft: -1 };
const LINKS = ".pipe-link";

/**
 * Move the focus as a key says; without a focus the first is taken.
 * @param {HTMLElement} root
 * @param {KeyboardEvent} event
 */
export function moveFocus(root, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const from = document.activeElement?.closest(LINKS);
  const first = event.key === "ArrowDown" ? linksIn(root)[0] : undefined;
  const to = from && root.contains(from) ? targetOf(root, from, event.key) : first;
  if (!to) return;
  event.preventDefault();
  to.focus();
  to.closest("li")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/**
 * @param {HTMLElement} root
 * @param {Element} from
 * @param {string} key
 */
function targetOf(root, from, key) {
  const column = from.closest(".step-column");
  const links = linksIn(column ?? root);
  const index = links.indexOf(/** @type {HTMLElement} */ (from));
  if (STEPS[key]) return links[index + STEPS[key]];
  if (key === "Home" || key === "End") return key === "Home" ? links[0] : links.at(-1);
  if (!column || !COLUMNS[key]) return undefined;
  const columns = [...root.querySelectorAll(".step-column")].filter((each) => linksIn(each).length > 0);
  const beside = columns[columns.indexOf(column) + COLUMNS[key]];
  if (!beside) return undefined;
  const there = linksIn(beside);
  return there[Math.min(index, there.length - 1)];
}

/**
 * True if there is something to move to.
 * @param {HTMLElement} root
 */
export function hasTargets(root) {
  return linksIn(root).length > 0;
}

/**
 * Those that are shown.
 * @param {Element} place
 */
function linksIn(place) {
  return /** @type {HTMLElement[]} */ ([...place.querySelectorAll(LINKS)]).filter((link) => link.getClientRects().length > 0);
}
