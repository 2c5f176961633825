/** The last line of a card: what does not fit is counted, "+3", with the names behind it. Agents shrink last. */
import { oncePerFrame } from "../../lib/signals.js";

const GAP = 6; // as in task-card.css
const MORE_WIDTH = 34; // of "+12"

/** Feet that were drawn, by the number of names that are not in them at all. @type {Map<HTMLElement, string[]>} */
const waiting = new Map();

// All are measured before any is changed, so that the browser lays out once.
const fitAll = oncePerFrame(() => {
  const plans = [...waiting].filter(([foot]) => foot.isConnected).map(([foot, names]) => planFor(foot, names));
  waiting.clear();
  for (const { foot, hidden, names } of plans) fit(foot, hidden, names);
});

/**
 * Let a line that was just drawn fit its width, in the next frame; `more` are names that were left out of it.
 * @param {HTMLElement} foot
 * @param {string[]} more
 */
export function fitFoot(foot, more) {
  waiting.set(foot, more);
  fitAll();
}

/**
 * @param {HTMLElement} foot
 * @param {string[]} more
 */
function planFor(foot, more) {
  const items = /** @type {HTMLElement[]} */ ([...foot.children].filter((item) => !item.matches(".foot-more")));
  for (const item of items) item.hidden = false;
  const width = foot.clientWidth;
  const widths = items.map((item) => item.offsetWidth);
  const all = widths.reduce((sum, each) => sum + each + GAP, -GAP);
  let left = width - (more.length > 0 || all > width ? MORE_WIDTH + GAP : 0);
  let isFull = false;
  /** @type {HTMLElement[]} */
  const hidden = [];
  items.forEach((item, at) => {
    left -= widths[at] + (at > 0 ? GAP : 0);
    // The first is the agent, which is cut short rather than left out.
    isFull ||= at > 0 && left < 0;
    if (isFull) hidden.push(item);
  });
  return { foot, hidden, names: [...hidden.map(nameOf), ...more] };
}

/**
 * @param {HTMLElement} foot
 * @param {HTMLElement[]} hidden
 * @param {string[]} names
 */
function fit(foot, hidden, names) {
  for (const item of hidden) item.hidden = true;
  let mark = /** @type {HTMLElement | null} */ (foot.querySelector(".foot-more"));
  if (names.length === 0) return mark?.remove();
  mark ??= foot.appendChild(Object.assign(document.createElement("span"), { className: "foot-more" }));
  mark.dataset.testid = "foot-more";
  mark.textContent = `+${names.length}`;
  mark.title = names.join("\n");
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", `and ${names.join(", ")}`);
}

/** @param {HTMLElement} item */
function nameOf(item) {
  return item.textContent?.trim() || item.getAttribute("aria-label") || item.title;
}
