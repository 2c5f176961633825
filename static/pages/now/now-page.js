/** The page of what happens now. It shows what the store of the overview has, which follows the service while the page is shown. */
import { define, emit, listen, one } from "../../lib/dom.js";
import { html, icon, render } from "../../lib/html.js";
import { returns } from "../../lib/lazy.js";
import { effect, oncePerFrame } from "../../lib/signals.js";
import { getJson } from "../../live/http.js";
import { Overview } from "../../stores/overview.js";
import { showProblem } from "../../ui/panel.js";
import { sourceAddress, sourceName } from "../../ui/sources.js";
import { connecting, refusal, say, state } from "../../ui/state.js";
import { listenForTasks } from "../../ui/task-links.js";
import { needsStore } from "../needs-you/store.js";
import * as agentList from "./agent-list.js";
import * as agentStrip from "./agent-strip.js";
import * as needsBrief from "./needs-brief.js";
import { STATES } from "./states.js";
import * as todayFigures from "./today-figures.js";
/** @import {Dashboard, Route} from "../../lib/types.js" */
/** @import {Store} from "../../stores/stores.js" */
/** @import {Source} from "./types.js" */

export const tag = "now-page";

export class NowPage extends HTMLElement {
  /** @type {Overview} */
  #store = /** @type {any} */ (null); // until it is set up
  #isShown = false;
  /** @type {string | null} */
  #state = null;
  /** @type {string | null} */
  #chosen = null;
  #isRevealed = true;
  #draw = oncePerFrame(() => this.#isShown && this.#drawNow());

  /** @param {Dashboard} dashboard */
  setUp(dashboard) {
    render(this, frame());
    listenForTasks(this);
    const { stores, route } = dashboard;
    this.#store = new Overview(/** @type {Store} */ (stores.get("overview")), () => getJson("/api/overview"));
    listen({ Escape: () => emit(this, "page-open", { page: "now" }) }, () => route.peek().page === "now" && route.peek().task === null && (this.#state !== null || this.#chosen !== null));
    effect(() => {
      this.#store.revision.value;
      this.#draw();
    });
    effect(() => {
      if (returns.value > 0) this.#store.retry();
    });
    this.#followNeeds(dashboard);
  }

  /** @param {Route} route */
  show({ item, query }) {
    const named = STATES.some(({ name }) => name === query.state) ? query.state : null;
    if (item !== this.#chosen) this.#isRevealed = item === null;
    [this.#isShown, this.#state, this.#chosen] = [true, named, item];
    this.#store.show(true);
    this.#drawNow();
  }

  /** It is hidden: nothing is asked. */
  hide() {
    this.#isShown = false;
    this.#store.show(false);
  }

  /** @param {Dashboard} dashboard */
  #followNeeds(dashboard) {
    effect(() => {
      returns.value;
      needsStore(dashboard).then((needs) => {
        if (this.hasAttribute("data-has-needs")) return;
        this.toggleAttribute("data-has-needs", true);
        effect(() => {
          needs.revision.value;
          /** @type {needsBrief.NeedsBrief} */ (one(this, "needs-brief")).show(needs);
        });
      }, () => {}); // it is tried again when the connection is back
    });
  }

  #drawNow() {
    const { answer, problem } = this.#store;
    const list = /** @type {agentList.AgentList} */ (one(this, "agent-list"));
    const isEmpty = answer?.agents.length === 0;
    const content = one(this, ".now-agents");
    content.hidden = !answer || isEmpty;
    say(one(this, ".now-state"), answer ? (isEmpty ? empty() : null) : problem ? failed(problem) : connecting());
    if (!answer) return;
    showProblem(list, problem);
    /** @type {todayFigures.TodayFigures} */ (one(this, "today-figures")).show(answer);
    /** @type {agentStrip.AgentStrip} */ (one(this, "agent-strip")).show(answer, this.#state);
    list.show(answer, this.#state, this.#chosen);
    one(this, ".now-where").hidden = false; // before, it would be moved by the agents
    drawSources(one(this, ".now-sources"), answer.sources);
    if (!this.#isRevealed && this.#chosen !== null) {
      this.#isRevealed = true;
      list.reveal(this.#chosen);
    }
  }
}

/** Make the elements of the page known. */
export function register() {
  for (const part of [agentList, agentStrip, needsBrief, todayFigures]) part.register();
  define(tag, NowPage);
}

/**
 * @param {HTMLElement} place
 * @param {Source[]} sources
 */
function drawSources(place, sources) {
  const said = (/** @type {Source} */ { name, is_on, text }) => {
    const to = sourceAddress(name);
    return is_on && to ? html`<a href="${to}">${text}</a>` : html`<span>${is_on ? "" : "cannot tell: "}${text}</span>`;
  };
  say(place, html`${sources.map((source) => html`<li data-testid="now-source" data-source="${source.name}" data-on="${source.is_on}">${icon(source.is_on ? "check" : "close")}<strong>${sourceName(source.name)}</strong> ${said(source)}</li>`)}`);
}

function frame() {
  return html`<div class="now">
    <h2 class="off-screen">Now</h2>
    <div class="now-top">
      <needs-brief></needs-brief>
      <section class="panel now-today" aria-label="Today"><today-figures></today-figures></section>
    </div>
    <div class="now-state">${connecting()}</div>
    <div class="now-agents" hidden>
      <agent-strip></agent-strip>
      <agent-list></agent-list>
    </div>
    <host-lists data-lists="needs agents costs"></host-lists>
    <section class="panel now-where" aria-labelledby="now-sources-title" hidden>
      <header class="panel-top"><div class="panel-text"><h3 id="now-sources-title">Where this comes from</h3></div></header>
      <ul class="now-sources"></ul>
    </section>
  </div>`;
}

function empty() {
  return state({
    name: "no-agents",
    sign: "user",
    title: "No agents yet",
    text: html`An agent appears here when a task lies in its folder, <code>assigned/&lt;agent&gt;/</code> or <code>done/&lt;agent&gt;/</code>, when a task or a call
      names it, when its hooks report, and when a job or an orchestrator runs.`,
  });
}

/** @param {Error} problem */
function failed(problem) {
  return refusal("agents-failed", "The agents cannot be shown", problem);
}
