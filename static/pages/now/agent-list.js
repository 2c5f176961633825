/** The agents, one in each row, and below each what it is at several of, and who was started by it. */
import { define, delegate, keyed, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { panel } from "../../ui/panel.js";
import { row } from "./agent-row.js";
import { shownRows, stateOf } from "./states.js";
/** @import {Agent, Overview} from "./types.js" */
/** @typedef {HTMLTableRowElement & {keyedBy: string, shown?: string}} Row */

const COLUMNS = [
  ["agent", "Agent"],
  ["state", "State"],
  ["at", "At"],
  ["last", "Last sign of life"],
  ["files", "Files just touched"],
  ["calls", "Calls today"],
  ["cost", "Cost today"],
];

export class AgentList extends HTMLElement {
  connectedCallback() {
    render(this, frame());
    delegate(this, "keydown", "tbody tr", (event, line) => this.#move(event, line));
  }

  /**
   * Show the agents in a state (null: in all), and point out the one of an id.
   * @param {Overview} overview
   * @param {string | null} state
   * @param {string | null} chosen
   */
  show({ agents, more, today, stuck_after_min: limit }, state, chosen) {
    const shown = shownRows(agents, state);
    const note = state === null ? "" : `Only those that are ${stateOf(state).counted}. `;
    const left = more > 0 ? ` ${more} more are not shown.` : "";
    const text = `${note}${limit > 0 ? `Stuck is who says that it works and gives no sign of life for ${limit} minutes.` : "Nobody counts as stuck by time: a setting switches that off."}${left}`;
    const place = one(this, ".panel-note");
    if (place.textContent !== text) place.textContent = text;
    one(this, ".no-rows").hidden = shown.length > 0;
    keyed(
      one(this, "tbody"),
      shown,
      ({ agent }) => agent.id,
      () => /** @type {Row} */ (document.createElement("tr")),
      (line, { agent, depth }) => fill(line, agent, depth, today, agent.id === chosen),
    );
  }

  /** Bring the row of an agent into view. @param {string} id */
  reveal(id) {
    const line = this.querySelector(`tr[data-id="${CSS.escape(id)}"]`);
    line?.scrollIntoView({ block: "nearest" });
    /** @type {HTMLElement | null} */ (line)?.focus({ preventScroll: true });
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Element} line
   */
  #move(event, line) {
    const next = { ArrowDown: line.nextElementSibling, ArrowUp: line.previousElementSibling, Home: line.parentElement?.firstElementChild, End: line.parentElement?.lastElementChild }[event.key];
    if (!next || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    /** @type {HTMLElement} */ (next).focus();
  }
}

/** Make the element known. */
export function register() {
  define("agent-list", AgentList);
}

/**
 * @param {Row} line
 * @param {Agent} agent
 * @param {number} depth
 * @param {Overview["today"]} today
 * @param {boolean} isChosen
 */
function fill(line, agent, depth, today, isChosen) {
  line.toggleAttribute("data-chosen", isChosen);
  const shown = `${today}${depth}${JSON.stringify(agent)}`;
  if (line.shown === shown) return;
  const focused = line !== document.activeElement && line.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
  line.shown = shown;
  line.tabIndex = -1;
  line.dataset.testid = "agent";
  line.dataset.id = agent.id;
  line.dataset.agent = agent.name;
  line.dataset.kind = agent.kind;
  line.dataset.state = agent.state;
  render(line, row(agent, depth, today));
  if (focused) /** @type {HTMLElement | null} */ (line.querySelector(`a[href="${CSS.escape(focused)}"]`))?.focus();
}

function frame() {
  return panel({
    name: "agents",
    title: "Agents",
    note: " ",
    body: html`<div class="table-box" tabindex="0" role="region" aria-label="List of agents"><table class="agent-rows">
      <thead><tr>${COLUMNS.map(([name, label]) => html`<th scope="col" class="c-${name}">${label}</th>`)}</tr></thead>
      <tbody></tbody>
    </table></div>
    <p class="no-rows hint" hidden>No agent is in this state now.</p>`,
  });
}
