/** The live strip: how many agents are in each state, and a mark for each agent, of one height whatever happens. */
import { define, keyed, one } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { stateCounts, stateOf } from "./states.js";
/** @import {Agent, Overview} from "./types.js" */

const MOST = 60;

export class AgentStrip extends HTMLElement {
  connectedCallback() {
    render(this, html`<p class="counts" data-testid="state-counts"></p><ul class="marks" data-testid="strip" aria-label="Agents at a glance"></ul>`);
  }

  /**
   * @param {Overview} overview
   * @param {string | null} chosen the state that alone is shown in the list
   */
  show({ agents, states }, chosen) {
    keyed(one(this, ".counts"), stateCounts(states), ({ name }) => name, () => document.createElement("a"), (link, { name, counted, size }) => {
      const text = `${count(size)} ${counted}`;
      if (link.textContent?.trim() !== text) render(link, html`${icon(stateOf(name).sign)}${text}`);
      link.className = "state-count agent-state";
      link.dataset.state = name;
      link.href = address({ page: "now", query: { state: chosen === name ? null : name } });
      if (chosen === name) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      link.title = chosen === name ? "Show all again" : "Show only these";
    });
    const below = new Map();
    for (const { parent, kind } of agents) if (parent !== null && kind !== "sub-agent") below.set(parent, (below.get(parent) ?? 0) + 1);
    const top = agents.filter(({ parent }) => parent === null).slice(0, MOST);
    keyed(one(this, ".marks"), top, ({ id }) => id, () => document.createElement("li"), (item, agent) => fill(item, agent, below.get(agent.id) ?? 0));
  }
}

/**
 * @param {HTMLLIElement & {shown?: string}} item
 * @param {Agent} agent
 * @param {number} below at so many things at once
 */
function fill(item, agent, below) {
  const { id, name, state, reason, since, at } = agent;
  const work = below > 1 ? `${below} things at once` : (at[0]?.label ?? null);
  const shown = JSON.stringify([id, name, state, reason, since, work]);
  if (item.shown === shown) return;
  const isFocused = item.contains(document.activeElement);
  item.shown = shown;
  const { label, sign } = stateOf(state);
  render(item, html`<a class="mark" href="${address({ page: "now", item: id })}" data-state="${state}" title="${name}: ${label}. ${reason}">
    <span class="agent-state" data-state="${state}">${icon(sign)}<span class="off-screen">${label}: </span></span><span class="mark-name">${name}</span>${since ? html`<span class="since">${timeAgo(since, { form: "span" })}</span>` : null}
    <span class="mark-at">${work ?? label}</span></a>`);
  if (isFocused) one(item, "a").focus();
}

/** Make the element known. */
export function register() {
  define("agent-strip", AgentStrip);
}
