/** What the range comes to: cost, calls, tokens, failed calls, cost of a call; each with its change, and a link to its calls. */
/** @import {Query, RangeAmount, RangeAnswer} from "./types.js" */
/** @import {Change} from "./change.js" */
import { define, one } from "../../lib/dom.js";
import { UNKNOWN, allTokens, count, money, percent, tokens } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { showProblem } from "../../ui/panel.js";
import { callsLink } from "./calls-link.js";
import { changeMark, changeOf, costChange, countChange, shareChange } from "./change.js";
import { timeText } from "./range.js";

export class RangeFigures extends HTMLElement {
  /** The present query, for links. @type {Query} */
  query = {};

  connectedCallback() {
    render(this, html`<section class="panel range-figures" aria-labelledby="range-title" data-testid="range-figures">
      <h3 id="range-title" class="off-screen">This range</h3><dl class="figure-row"></dl><p class="panel-note before-note" hidden></p>
      <p class="panel-problem" role="status" hidden></p></section>`);
  }

  /**
   * The answer of the service and its time zone.
   * @param {RangeAnswer} answer
   * @param {string | null} zone
   */
  show({ total, before }, zone) {
    showProblem(this, null);
    render(one(this, "dl"), html`${figures(total, before?.total ?? null).map((each) => figure(each, callsLink(this.query, each.values)))}`);
    const note = one(this, ".before-note");
    note.hidden = before === null;
    note.textContent = before ? `Compared with ${timeText(before.from, zone)} to ${timeText(before.to, zone)}.` : "";
  }

  /** What went wrong when it was asked for. @param {Error} error */
  set problem(error) {
    showProblem(this, error);
  }
}

/** Make the element known. */
export function register() {
  define("range-figures", RangeFigures);
}

/** @typedef {{name: string, label: string, text: string, more?: string, change: Change | null, values?: Query}} Figure */

/**
 * @param {RangeAmount} now
 * @param {RangeAmount | null} before
 * @returns {Figure[]}
 */
function figures(now, before) {
  const [all, allBefore] = [allTokens(now.tokens) ?? 0, allTokens(before?.tokens) ?? 0];
  const each = (/** @type {RangeAmount} */ { cost_usd, calls, unpriced_calls }) =>
    cost_usd === null || calls === unpriced_calls ? null : cost_usd / (calls - unpriced_calls);
  const hits = (/** @type {RangeAmount} */ { tokens: counted }) => {
    const whole = counted.input + counted.cache_read + counted.cache_write;
    return whole ? counted.cache_read / whole : null;
  };
  const failed = (/** @type {RangeAmount} */ { errors, calls }) => (calls ? errors / calls : null);
  const unpriced = now.unpriced_calls ? `+ ${count(now.unpriced_calls)} unpriced` : "";
  return [
    { name: "cost", label: "Cost", text: money(now.cost_usd), more: unpriced, change: before && costChange(now, before) },
    { name: "calls", label: "Calls", text: count(now.calls), change: before && countChange(now.calls, before.calls) },
    { name: "each", label: "Cost of a call", text: money(each(now)), change: before && changeOf(each(now), each(before), money) },
    { name: "tokens", label: "Tokens", text: tokens(all), change: before && countChange(all, allBefore, true) },
    { name: "hits", label: "Cache hit rate", text: share(hits(now)), change: before && shareChange(hits(now), hits(before)) },
    {
      name: "failed",
      label: "Failed calls",
      text: count(now.errors),
      more: now.errors ? share(failed(now)) : "",
      change: before && shareChange(failed(now), failed(before)),
      values: { status: "error,timeout" },
    },
  ];
}

/** @param {number | null} value */
function share(value) {
  return value === null ? UNKNOWN : percent(value);
}

/**
 * @param {Figure} figure
 * @param {string} href
 */
function figure({ name, label, text, more, change }, href) {
  return html`<div class="figure" data-testid="range-${name}"><dt>${label}</dt>
    <dd><a class="figure-value" href="${href}" title="The calls that this is of">${text}</a>${more ? html` <span class="faint">${more}</span>` : null}${changeMark(change)}</dd></div>`;
}
