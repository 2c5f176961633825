/** The agents, one in each row. */
import { define, keyed, one } from "../../lib/dom.js";
import { count, plural } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { panel } from "../../ui/panel.js";
import { Sorting, sortHead } from "../../ui/sorting.js";
import { COLUMNS, STATES, row } from "./agent-columns.js";
/** @import {Agent, AgentList} from "./types.js" */
/** @typedef {HTMLTableRowElement & {keyedBy: string, state?: string}} Row */

export class AgentTable extends HTMLElement {
  /** @type {AgentList | null} */
  #list = null;
  /** @type {Sorting<Agent>} */
  #sorting = /** @type {any} */ (null); // until it is connected

  connectedCallback() {
    render(this, frame());
    const values = Object.fromEntries(COLUMNS.map(({ name, value }) => [name, value]));
    this.#sorting = new Sorting(this, values, () => this.#draw());
  }

  /** Show the agents, as the service knows them. @param {AgentList} list */
  show(list) {
    this.#list = list;
    one(this, ".panel-note").textContent = sums(list);
    this.#draw();
  }

  #draw() {
    if (!this.#list) return;
    const { today } = this.#list;
    keyed(
      one(this, "tbody"),
      this.#sorting.sorted(this.#list.agents),
      ({ name }) => name,
      () => /** @type {Row} */ (document.createElement("tr")),
      (line, agent) => fill(line, agent, today),
    );
  }
}

/** Make the element known. */
export function register() {
  define("agent-table", AgentTable);
}

/**
 * @param {Row} line
 * @param {Agent} agent
 * @param {AgentList["today"]} today
 */
function fill(line, agent, today) {
  const shown = today + JSON.stringify(agent);
  if (line.state === shown) return;
  const focused = line.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
  line.state = shown;
  line.dataset.testid = "agent";
  line.dataset.agent = agent.name;
  line.dataset.state = agent.state;
  render(line, row(agent, today));
  if (focused) /** @type {HTMLElement | null} */ (line.querySelector(`a[href="${CSS.escape(focused)}"]`))?.focus();
}

/** @param {AgentList} list */
function sums({ agents, today }) {
  const parts = STATES.map(({ name, label }) => {
    const size = agents.filter(({ state }) => state === name).length;
    return size > 0 ? `${count(size)} ${label.toLowerCase()}` : null;
  }).filter(Boolean);
  const calls = { known: "", off: " Calls are not counted: a setting switches that off.", unavailable: " Calls cannot be read now." };
  return `${plural(agents.length, "agent")}: ${parts.join(", ")}.${calls[today]}`;
}

function frame() {
  return panel({
    name: "agents",
    title: "Agents",
    note: " ",
    body: html`<div class="table-box" tabindex="0" role="region" aria-label="Agents"><table class="agent-rows">
      <thead><tr>${COLUMNS.map(sortHead)}</tr></thead>
      <tbody></tbody>
    </table></div>`,
  });
}
