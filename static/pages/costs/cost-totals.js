/** What was spent by agent, task or project, most first. Emits `query-change {changes}` and `task-open {id}`. */
/** @import {SegmentGroup} from "../../ui/segments.js" */
/** @import {By, Query, Total, Totals} from "./types.js" */
import { define, emit, one } from "../../lib/dom.js";
import { allTokens, money, plural, tokens } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { callsLink } from "./calls-link.js";
import { changeMark, costChange } from "./change.js";
import { NONE, keyName } from "./naming.js";
import { panel, showProblem } from "../../ui/panel.js";
import { timeAgo } from "../../ui/age.js";
import { segments } from "../../ui/segments.js";
import { listenForTasks } from "../../ui/task-links.js";

const OF = ["agent", "task", "project"];

export class CostTotals extends HTMLElement {
  #of = OF[0];
  /** The present query, for links. @type {Query} */
  query = {};

  connectedCallback() {
    render(this, frame());
    this.addEventListener("segment-choose", ({ detail: { value } }) => emit(this, "query-change", { changes: { of: value } }));
    listenForTasks(this);
  }

  /** By what it is grouped: "agent", "task" or "project". @param {string} of */
  set choice(of) {
    this.#of = of;
    /** @type {SegmentGroup} */ (one(this, "segment-group")).value = of;
  }

  /** `lookUp(id)` is what the board knows of a task. @type {(id: string) => {title: string} | undefined} */
  lookUp = () => undefined;

  /** The answer of the service; that to another question than the present one is ignored. @param {Totals} answer */
  set totals({ by, totals }) {
    if (by !== this.#of) return;
    showProblem(this, null);
    one(this, ".nothing").hidden = totals.length > 0;
    const most = Math.max(...totals.map(({ cost_usd }) => cost_usd ?? 0), 0);
    render(one(this, "ol"), html`${totals.map((total) => this.#row(by, total, most))}`);
  }

  /** What went wrong when it was asked for. @param {Error} error */
  set problem(error) {
    showProblem(this, error);
  }

  /**
   * @param {By} by
   * @param {Total} total
   * @param {number} most
   */
  #row(by, { key, cost_usd, calls, unpriced_calls: unpriced, tokens: counted, last_at, before }, most) {
    const calls_href = callsLink(this.query, { [by]: key ?? NONE });
    const width = most > 0 ? ((Math.max(0, cost_usd ?? 0) / most) * 100).toFixed(1) : 0;
    return html`<li class="total" data-testid="total-row">
      <p class="total-head">${this.#name(by, key)}<a class="total-cost" href="${calls_href}">${money(cost_usd)}</a></p>
      <svg class="total-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="4" rx="1"></rect><rect class="spent" width="${width}" height="4" rx="1"></rect></svg>
      <p class="total-more"><span><a href="${calls_href}">${plural(calls, "call")}</a> · ${tokens(allTokens(counted))} tokens</span>${unpriced ? html`<span class="chip warning">+ ${unpriced} unpriced</span>` : null}
        ${before ? changeMark(costChange({ cost_usd }, before)) : null}${timeAgo(last_at, { form: "short" })}</p>
    </li>`;
  }

  /**
   * @param {By} by
   * @param {string | null} key
   */
  #name(by, key) {
    if (by !== "task" || key === null) return html`<span class="total-name">${keyName(by, key)}</span>`;
    const title = this.lookUp(key)?.title ?? key;
    return html`<a class="total-name task-link" href="${address({ task: key })}" data-opens="${key}" title="${key}" dir="auto">${title}</a>`;
  }
}

/** Make the element known. */
export function register() {
  define("cost-totals", CostTotals);
}

function frame() {
  return panel({
    name: "totals",
    title: "Spent by",
    controls: segments({ name: "totals", label: "Grouped by", choices: OF.map((of) => ({ value: of, label: of })) }),
    body: html`<p class="nothing">No calls in this range.</p><ol class="totals" tabindex="0" aria-label="Totals"></ol>`,
  });
}
