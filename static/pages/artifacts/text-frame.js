/** What is around the lines of a text: the bar above them, and what leads to further lines. */
import { count } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { one } from "../../lib/dom.js";

/** @import {TextPage} from "./text-page.js" */

/**
 * Fill a place with the frame of a text.
 * @param {Element} place
 */
export function frameText(place) {
  render(
    place,
    html`<form class="text-bar" data-testid="text-bar" hidden>
        <label>Line <input type="text" inputmode="numeric" pattern="[0-9]*" maxlength="12" autocomplete="off" aria-label="Go to line" data-testid="goto-line" /></label>
        <button type="button" class="button to-start" data-testid="to-start">Start</button>
        <button type="button" class="button to-end" data-testid="to-end">End</button>
        <button type="button" class="button follow" aria-pressed="false" title="Stay at the end while lines are added" data-testid="follow">${icon("down")}<span class="button-text">Follow</span></button>
        <span class="text-note" role="status" data-testid="text-note"></span>
      </form>
      <p class="more-lines more-before" hidden><button type="button" class="button" data-testid="lines-before">Show earlier lines</button></p>
      <div class="code-text" data-testid="code"><div class="lines"></div></div>
      <p class="no-lines hint" hidden>The file is empty.</p>
      <p class="more-problem" role="status" hidden></p>
      <p class="more-lines more-behind" hidden><button type="button" class="button" data-testid="lines-behind">Load more lines</button><span data-testid="lines-shown"></span></p>`,
  );
}

/**
 * Show which lines these pages are; `total` is how many the file has, null if that is not known.
 * @param {Element} place
 * @param {TextPage[]} pages
 * @param {{total: number | null, isLog: boolean}} file
 */
export function showEnds(place, pages, { total, isLog }) {
  const [first, last] = [pages[0], pages[pages.length - 1]];
  const [before, behind] = [one(place, ".more-before"), one(place, ".more-behind")];
  before.hidden = first.from <= 1;
  behind.hidden = !last.next;
  one(place, ".no-lines").hidden = last.end > 1;
  one(place, ".text-bar").hidden = before.hidden && behind.hidden && !isLog;
  const of = total ? ` of ${count(total)}` : "";
  one(behind, "span").textContent = `Lines ${count(first.from)} to ${count(last.end - 1)}${of}`;
  one(place, ".code-text").style.setProperty("--digits", String(String(Math.max(last.end, 100)).length));
}

/**
 * A remark beside the bar; "" for none.
 * @param {Element} place
 * @param {string} text
 */
export function remark(place, text) {
  one(place, ".text-note").textContent = text;
  if (text) one(place, ".text-bar").hidden = false;
}

/**
 * Say what went wrong with further lines; null for nothing.
 * @param {Element} place
 * @param {Error | null} error
 */
export function showProblem(place, error) {
  const problem = one(place, ".more-problem");
  problem.hidden = error === null;
  problem.textContent = error?.message ?? "";
}
