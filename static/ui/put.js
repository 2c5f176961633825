/** `put`: content that is drawn again and again, and mostly the same. */
import { render } from "../lib/html.js";
/** @import {Markup} from "../lib/types.js" */

const STOPS = "a, button, summary, [tabindex]";

/** What a place shows now. @type {WeakMap<HTMLElement, string>} */
const shown = new WeakMap();

/**
 * What is shown already stays as it is; what is open stays open, and the focus where it was.
 * @param {HTMLElement} place
 * @param {Markup} markup
 */
export function put(place, markup) {
  if (shown.get(place) === markup.text) return;
  shown.set(place, markup.text);
  const open = [...place.querySelectorAll("details")].map((each) => each.open);
  const focused = [...place.querySelectorAll(STOPS)].indexOf(/** @type {Element} */ (document.activeElement));
  render(place, markup);
  place.querySelectorAll("details").forEach((each, index) => each.toggleAttribute("open", open[index] ?? false));
  if (focused >= 0) /** @type {HTMLElement | undefined} */ ([...place.querySelectorAll(STOPS)][focused])?.focus({ preventScroll: true });
}
