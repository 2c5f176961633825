/** What the tasks cost that were done in the range: median, mean and spread, and each of them. Emits `task-open {id}`. */
/** @import {DoneAnswer, DoneTask, Query} from "./types.js" */
import { define, one } from "../../lib/dom.js";
import { axisMoney, count, money, plural } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { panel, showProblem } from "../../ui/panel.js";
import { Sorting, sortHead } from "../../ui/sorting.js";
import { listenForTasks } from "../../ui/task-links.js";
import { callsLink } from "./calls-link.js";
import { changeMark, changeOf } from "./change.js";

/** @type {{name: string, label: string, isNumber?: boolean, value: (task: DoneTask) => string | number | null}[]} */
const COLUMNS = [
  { name: "task", label: "Task", value: ({ title }) => title },
  { name: "agent", label: "Agent", value: ({ agent }) => agent },
  { name: "done", label: "Done", isNumber: true, value: ({ done_at }) => done_at },
  { name: "calls", label: "Calls", isNumber: true, value: ({ calls }) => calls },
  { name: "cost", label: "Cost", isNumber: true, value: ({ cost_usd }) => cost_usd },
];

export class DoneTasks extends HTMLElement {
  /** The present query, for links. @type {Query} */
  query = {};
  /** @type {DoneAnswer | null} */
  #answer = null;
  /** @type {Sorting<DoneTask>} */
  #sorting = /** @type {any} */ (null); // until it is connected

  connectedCallback() {
    render(this, frame());
    this.#sorting = new Sorting(this, Object.fromEntries(COLUMNS.map(({ name, value }) => [name, value])), () => this.#drawRows());
    listenForTasks(this);
  }

  /** The answer of the service. @param {DoneAnswer} answer */
  set answer(answer) {
    this.#answer = answer;
    showProblem(this, null);
    one(this, ".nothing").hidden = answer.tasks > 0;
    for (const part of [".figure-row", ".bins", ".table-box", ".untold"]) one(this, part).hidden = answer.tasks === 0;
    render(one(this, ".figure-row"), figures(answer));
    const untold = untoldText(answer);
    one(this, ".untold").hidden = untold === "";
    one(this, ".untold").textContent = untold;
    const most = Math.max(1, ...answer.bins.map(({ tasks }) => tasks));
    one(this, ".bins").hidden = answer.bins.length < 2;
    render(one(this, ".bins"), html`${answer.bins.map((bin) => binMark(bin, most))}`);
    this.#drawRows();
  }

  /** What went wrong when it was asked for. @param {Error} error */
  set problem(error) {
    showProblem(this, error);
  }

  #drawRows() {
    const answer = this.#answer;
    if (!answer) return;
    render(one(this, "tbody"), html`${this.#sorting.sorted(answer.rows).map((task) => row(task, callsLink(this.query, { task: task.id, range: "all" })))}`);
    const more = answer.tasks - answer.rows.length;
    one(this, ".more").hidden = more <= 0;
    one(this, ".more").textContent = `${plural(more, "more task")}, which cost less, in the figures above and not in the list.`;
  }
}

/** Make the element known. */
export function register() {
  define("done-tasks", DoneTasks);
}

function frame() {
  return panel({
    name: "done-tasks",
    title: "Cost per done task",
    note: "Of the tasks that were done in this range: all that their calls cost, whenever they were made.",
    body: html`<p class="nothing" hidden>No task was done in this range.</p>
      <dl class="figure-row" hidden></dl>
      <p class="hint untold" data-testid="done-untold" hidden></p>
      <ol class="bins" aria-label="How many tasks cost how much" hidden></ol>
      <div class="table-box" tabindex="0" role="region" aria-label="Done tasks" hidden><table class="figures done">
        <thead><tr>${COLUMNS.map(sortHead)}</tr></thead><tbody></tbody></table></div>
      <p class="hint more" hidden></p>`,
  });
}

/** @param {DoneAnswer} answer */
function figures({ tasks, known, median_usd, mean_usd, total_usd, quartiles_usd: [low, high], before, is_cut }) {
  const figure = (/** @type {string} */ name, /** @type {string} */ label, /** @type {string} */ text, /** @type {unknown} */ more = null) =>
    html`<div class="figure" data-testid="done-${name}"><dt>${label}</dt><dd><span class="figure-value">${text}</span>${more}</dd></div>`;
  const than = (/** @type {number | null} */ now, /** @type {number | null | undefined} */ then) => {
    if (!before) return null;
    if (before.known === 0) return html`<span class="change">no done task with known calls before</span>`;
    return changeMark(changeOf(now, then ?? null, money));
  };
  return html`${figure("median", "Median", money(median_usd), than(median_usd, before?.median_usd))}
    ${figure("mean", "Mean", money(mean_usd), than(mean_usd, before?.mean_usd))}
    ${figure("half", "Half of them between", low === null ? "—" : `${money(low)} and ${money(high)}`)}
    ${figure("total", "Together", money(total_usd))}
    ${figure("count", "Done tasks", `${count(known)} of ${count(tasks)}`, html`<span class="change">${is_cut ? "the latest; " : ""}with a known cost</span>`)}`;
}

/** What is not known, and not taken for nothing. @param {DoneAnswer} answer */
function untoldText({ tasks, without_calls: without, unpriced, partly_unpriced: partly }) {
  const parts = [
    without ? `${plural(without, "done task")} of ${count(tasks)} ${without === 1 ? "has" : "have"} no known calls: what ${without === 1 ? "it" : "they"} cost cannot be told.` : "",
    unpriced ? `${plural(unpriced, "task")} with calls whose price is not known ${unpriced === 1 ? "is" : "are"} not in the figures.` : "",
    partly ? `${plural(partly, "task")} cost more than shown: some calls have no known price.` : "",
  ];
  return parts.filter(Boolean).join(" ");
}

/**
 * @param {DoneAnswer["bins"][number]} bin
 * @param {number} most
 */
function binMark({ from_usd: from, to_usd: to, tasks }, most) {
  const name = `${axisMoney(from)} to ${axisMoney(to)}: ${plural(tasks, "task")}`;
  return html`<li class="bin" data-testid="done-bin" title="${name}"><span class="off-screen">${name}</span>
    <svg class="bin-bar" viewBox="0 0 10 100" preserveAspectRatio="none" aria-hidden="true"><rect class="spent" x="0" y="${(100 - (tasks / most) * 100).toFixed(1)}" width="10" height="${((tasks / most) * 100).toFixed(1)}"></rect></svg>
    <span class="bin-count" aria-hidden="true">${tasks || ""}</span><span class="bin-name" aria-hidden="true">${axisMoney(from)}</span></li>`;
}

/**
 * @param {DoneTask} task
 * @param {string} href
 */
function row({ id, title, agent, done_at, calls, cost_usd, unpriced_calls: unpriced, unnamed_calls: unnamed }, href) {
  const named = calls - unnamed;
  const cost = calls === 0 ? html`<span class="faint" title="No call names this task, and none is of a session that did">cannot tell</span>` : cost_usd === null ? html`<span class="faint">unpriced</span>` : money(cost_usd);
  return html`<tr data-testid="done-row"><th scope="row"><a class="task-link" href="${address({ task: id })}" data-opens="${id}" title="${id}" dir="auto">${title}</a></th>
    <td dir="auto">${agent ?? "—"}</td><td>${timeAgo(done_at, { form: "short" })}</td>
    <td>${named ? html`<a href="${href}" title="The calls that name this task">${count(named)}</a>` : calls ? "" : "—"}${unnamed ? html`<span class="cell-more" title="They name no task; their session or run named this one alone">+ ${count(unnamed)} by session</span>` : null}</td>
    <td>${cost}${unpriced && cost_usd !== null ? html`<span class="cell-more">+ ${count(unpriced)} unpriced</span>` : null}</td></tr>`;
}
