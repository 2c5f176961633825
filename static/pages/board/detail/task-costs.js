/** What a task has cost, beside its other facts: live, with a link to its calls. */
import { define } from "../../../lib/dom.js";
import { UNKNOWN, count, knownMoney, tokens } from "../../../lib/format.js";
import { html, render } from "../../../lib/html.js";
import { address } from "../../../lib/router.js";
import { getJson } from "../../../live/http.js";

const MOST_CALLS = 500; // of one answer

const KINDS = { input: "in", output: "out", cache_read: "cache read", cache_write: "cache write" };

export class TaskCosts extends HTMLElement {
  #costs = null;
  #tokens = null; // {calls, input, output, cache_read, cache_write}, as many as there were when they were asked for
  #changed = ({ detail }) => (detail === null || detail.has(this.dataset.task)) && this.#draw();

  /** The store of costs. */
  set costs(costs) {
    this.#costs = costs;
    costs.addEventListener("tasks", this.#changed);
    this.#draw();
  }

  disconnectedCallback() {
    this.#costs?.removeEventListener("tasks", this.#changed);
  }

  #draw() {
    const cost = this.#costs.ofTask(this.dataset.task);
    this.hidden = !cost?.calls;
    if (this.hidden) return;
    render(this, facts(this.dataset.task, cost, this.#tokens));
    if (this.#tokens?.calls !== cost.calls) this.#ask(cost.calls);
  }

  async #ask(calls) {
    const before = this.#tokens;
    this.#tokens = { ...before, calls };
    const found = await tokensOf(this.dataset.task).catch(() => null);
    if (!this.isConnected || this.#tokens.calls !== calls) return;
    this.#tokens = { ...found, calls };
    this.#draw();
  }
}

/** Make the element known. */
export function register() {
  define("task-costs", TaskCosts);
}

function facts(task, { cost_usd, calls, unpriced }, counted) {
  const there = address({ page: "costs", query: { range: "all", task, show: "calls" } });
  return html`<dl class="properties" data-testid="task-costs">
    <div><dt>Cost</dt><dd><strong>${knownMoney(cost_usd, calls, unpriced)}</strong>${unpriced ? html` <span class="chip warning">+ ${unpriced} unpriced</span>` : null}</dd></div>
    <div><dt>Calls</dt><dd><a href="${there}" data-testid="task-calls">${count(calls)}</a></dd></div>
    <div data-long><dt>Tokens</dt><dd>${counted?.input === undefined ? UNKNOWN : kinds(counted)}</dd></div>
  </dl>`;
}

function kinds(counted) {
  return html`${Object.entries(KINDS).map(([kind, word], index) => html`${index ? " · " : ""}<span title="${count(counted[kind])} tokens">${tokens(counted[kind])} ${word}</span>`)}`;
}

/** `{input, output, cache_read, cache_write}`: the tokens of all calls of a task; null if there are too many calls to add up. */
async function tokensOf(task) {
  const { calls, cursor } = await getJson("/api/telemetry/calls", { task, limit: MOST_CALLS });
  if (cursor === null) return calls.reduce(plus, { input: 0, output: 0, cache_read: 0, cache_write: 0 });
  const { totals } = await getJson("/api/telemetry/totals", { by: "task", limit: MOST_CALLS });
  return totals.find(({ key }) => key === task)?.tokens ?? null;
}

function plus(sum, { prompt_tokens, completion_tokens, cache_read_tokens: read, cache_write_tokens: write }) {
  return {
    input: sum.input + prompt_tokens - read - write,
    output: sum.output + completion_tokens,
    cache_read: sum.cache_read + read,
    cache_write: sum.cache_write + write,
  };
}
