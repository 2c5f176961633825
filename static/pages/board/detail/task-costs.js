/** What a task has cost, beside its other facts: live, with a link to its calls. */
import { define } from "../../../lib/dom.js";
import { UNKNOWN, count, knownMoney, tokens } from "../../../lib/format.js";
import { html, render } from "../../../lib/html.js";
import { address } from "../../../lib/router.js";
import { getJson, oneValue } from "../../../live/http.js";
/** @import {Call, TaskCost, Tokens} from "../../../lib/types.js" */
/** @import {Costs} from "../../../stores/costs.js" */
/** As many as there were when they were asked for; without `input` they are not known. @typedef {{calls: number} & (Tokens | {input?: undefined})} Counted */

const MOST_CALLS = 500; // of one answer

/** @type {Record<keyof Tokens, string>} */
const KINDS = { input: "in", output: "out", cache_read: "cache read", cache_write: "cache write" };

export class TaskCosts extends HTMLElement {
  /** @type {Costs | null} */
  #costs = null;
  /** @type {Counted | null} */
  #tokens = null;
  #changed = (/** @type {Event} */ event) => {
    const { detail: ids } = /** @type {CustomEvent<Set<string> | null>} */ (event);
    if (ids === null || ids.has(this.#task)) this.#draw();
  };

  /**
   * The store of costs.
   * @param {Costs} costs
   */
  set costs(costs) {
    this.#costs = costs;
    costs.addEventListener("tasks", this.#changed);
    this.#draw();
  }

  disconnectedCallback() {
    this.#costs?.removeEventListener("tasks", this.#changed);
  }

  get #task() {
    return this.dataset.task ?? "";
  }

  #draw() {
    const cost = this.#costs?.ofTask(this.#task);
    this.hidden = !cost?.calls;
    if (!cost?.calls) return;
    render(this, facts(this.#task, cost, this.#tokens));
    if (this.#tokens?.calls !== cost.calls) this.#ask(cost.calls);
  }

  /** @param {number} calls */
  async #ask(calls) {
    const before = this.#tokens;
    this.#tokens = { ...before, calls };
    const found = await tokensOf(this.#task).catch(() => null);
    if (!this.isConnected || this.#tokens.calls !== calls) return;
    this.#tokens = found ? { ...found, calls } : { calls };
    this.#draw();
  }
}

/** Make the element known. */
export function register() {
  define("task-costs", TaskCosts);
}

/**
 * @param {string} task
 * @param {TaskCost} cost
 * @param {Counted | null} counted
 */
function facts(task, { cost_usd, calls, unpriced }, counted) {
  const there = address({ page: "costs", query: { range: "all", task, show: "calls" } });
  return html`<dl class="properties" data-testid="task-costs">
    <div><dt>Cost</dt><dd><strong>${knownMoney(cost_usd, calls, unpriced)}</strong>${unpriced ? html` <span class="chip warning">+ ${unpriced} unpriced</span>` : null}</dd></div>
    <div><dt>Calls</dt><dd><a href="${there}" data-testid="task-calls">${count(calls)}</a></dd></div>
    <div data-long><dt>Tokens</dt><dd>${counted?.input === undefined ? UNKNOWN : kinds(counted)}</dd></div>
  </dl>`;
}

/** @param {Tokens} counted */
function kinds(counted) {
  const entries = /** @type {[keyof Tokens, string][]} */ (Object.entries(KINDS));
  return html`${entries.map(([kind, word], index) => html`${index ? " · " : ""}<span title="${count(counted[kind])} tokens">${tokens(counted[kind])} ${word}</span>`)}`;
}

/**
 * The tokens of all calls of a task; null if there are too many calls to add up.
 * @param {string} task
 * @returns {Promise<Tokens | null>}
 */
async function tokensOf(task) {
  const { calls, cursor } = await getJson("/api/telemetry/calls", { task: oneValue(task), limit: MOST_CALLS });
  if (cursor === null) return calls.reduce(plus, { input: 0, output: 0, cache_read: 0, cache_write: 0 });
  const { totals } = await getJson("/api/telemetry/totals", { by: "task", limit: MOST_CALLS });
  return totals.find((/** @type {{key: string}} */ { key }) => key === task)?.tokens ?? null;
}

/**
 * @param {Tokens} sum
 * @param {Call} call
 */
function plus(sum, { prompt_tokens, completion_tokens, cache_read_tokens: read, cache_write_tokens: write }) {
  return {
    input: sum.input + prompt_tokens - read - write,
    output: sum.output + completion_tokens,
    cache_read: sum.cache_read + read,
    cache_write: sum.cache_write + write,
  };
}
