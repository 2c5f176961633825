/** The page of agents: asks the service when it is opened, at events, and when a state ends by time alone. */
import { define, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { returns } from "../../lib/lazy.js";
import { atMostEvery, effect } from "../../lib/signals.js";
import { getJson } from "../../live/http.js";
import { showProblem } from "../../ui/panel.js";
import { connecting, state } from "../../ui/state.js";
import { listenForTasks } from "../../ui/task-links.js";
import * as agentTable from "./agent-table.js";
import { nextChange_ms } from "./next-change.js";
/** @import {Dashboard} from "../../lib/types.js" */
/** @import {AgentList} from "./types.js" */

export const tag = "agents-page";

const ASK_EVERY_MS = 1_000;

export class AgentsPage extends HTMLElement {
  #isShown = false;
  /** @type {AgentList | null} */
  #list = null;
  /** @type {AbortController | null} */
  #asking = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #ask = atMostEvery(ASK_EVERY_MS, () => this.#isShown && this.#load());

  /** Join it to the stores, whose changes say when to ask again. @param {Dashboard} dashboard */
  setUp({ stores }) {
    render(this, frame());
    listenForTasks(this);
    const [board, costs] = [stores.get("tasks"), stores.get("costs")];
    effect(() => {
      board.revision.value;
      costs.revision.value;
      returns.value;
      this.#ask();
    });
  }

  /** Show it as it is now. */
  show() {
    this.#isShown = true;
    this.#ask();
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.#isShown = false;
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }

  get #table() {
    return /** @type {agentTable.AgentTable} */ (one(this, "agent-table"));
  }

  async #load() {
    this.#asking?.abort();
    clearTimeout(this.#timer);
    const { signal } = (this.#asking = new AbortController());
    try {
      const list = /** @type {AgentList} */ (await getJson("/api/agents", {}, signal));
      if (!signal.aborted) this.#show(list);
    } catch (error) {
      // What was known stays; when the connection is back, it is asked again.
      if (!signal.aborted) this.#fail(/** @type {Error} */ (error));
    }
  }

  /** @param {AgentList} list */
  #show(list) {
    this.#list = list;
    const isEmpty = list.agents.length === 0;
    this.#say(isEmpty ? empty() : null);
    showProblem(this, null);
    this.#table.show(list);
    const wait_ms = nextChange_ms(list);
    if (wait_ms !== null) this.#timer = setTimeout(() => this.#ask(), wait_ms);
  }

  /** @param {Error} error */
  #fail(error) {
    if (this.#list) return showProblem(this, error);
    this.#say(state({ name: "agents-failed", sign: "alert", title: "The agents cannot be shown", isAlert: true, text: `${error.message} It is tried again when the connection is back.` }));
  }

  /**
   * Show what stands for the table; null: the table itself.
   * @param {import("../../lib/types.js").Markup | null} markup
   */
  #say(markup) {
    const place = one(this, ".agents-state");
    place.hidden = markup === null;
    this.#table.hidden = markup !== null;
    if (markup) render(place, markup);
  }
}

/** Make the elements of the page known. */
export function register() {
  agentTable.register();
  define(tag, AgentsPage);
}

function frame() {
  return html`<div class="agents">
    <h2 class="off-screen">Agents</h2>
    <div class="agents-state">${connecting()}</div>
    <agent-table hidden></agent-table>
  </div>`;
}

function empty() {
  return state({
    name: "no-agents",
    sign: "user",
    title: "No agents yet",
    text: html`An agent appears here when a task lies in its folder, <code>assigned/&lt;agent&gt;/</code> or <code>done/&lt;agent&gt;/</code>, when a task names it
      by <code>agent:</code>, or when a call does.`,
  });
}
