/** The orchestrators of a plan: those that run with what they take now, those that ended, and the runs: `plan-orchestrators`. */
import { define, keyed, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { effect } from "../../lib/signals.js";
import { Repeating } from "../../ui/repeating.js";
import { say, state } from "../../ui/state.js";
import { getOrchestrator } from "./api.js";
import { loadOverview, overview } from "./control.js";
import { unknownOrchestrators } from "./more-lists.js";
import { orchestratorOf, runsTable } from "./orchestrator-facts.js";
/** @import {OrchestratorDetails} from "./types.js" */
/** @typedef {HTMLElement & {shown?: string}} CardElement */

const EVERY_MS = 2_000;
const MOST = 8;

export class PlanOrchestrators extends HTMLElement {
  #plan = "";
  #runs = "";
  #asking = new Repeating(EVERY_MS, () => this.#load());

  connectedCallback() {
    if (this.firstChild) return;
    render(this, html`<div class="life-state" hidden></div><div class="life-list" data-testid="orchestrators"></div><section class="panel life-runs" aria-labelledby="life-runs-title"><header class="panel-top"><div class="panel-text"><h3 id="life-runs-title">Runs</h3><p class="panel-note">Those that were started from here, the latest first</p></div></header><div class="life-table"></div></section>`);
    let known = overview.peek();
    effect(() => {
      if (overview.value !== known && this.#plan) this.#asking.now();
      known = overview.value;
    });
  }

  /** @param {string} plan */
  show(plan) {
    if (plan === this.#plan) return;
    this.#plan = plan;
    one(this, ".life-list").replaceChildren();
    this.#fillRuns([]);
    say(one(this, ".life-state"), state({ isWaiting: true, text: "Loading…" }));
    this.#asking.start();
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.#plan = "";
    this.#asking.stop();
  }

  async #load() {
    const plan = this.#plan;
    if (overview.peek() === null) await loadOverview();
    const known = overview.peek();
    if (known === null) return say(one(this, ".life-state"), unknownOrchestrators());
    const own = known.orchestrators.filter((each) => each.plan === plan);
    const details = await Promise.all(own.slice(0, MOST).map(({ id }) => getOrchestrator(id).catch(() => null)));
    if (plan !== this.#plan) return;
    const shown = details.flatMap((each) => (each ? [each] : []));
    keyed(one(this, ".life-list"), shown, ({ orchestrator }) => orchestrator.run_id ?? orchestrator.id, newCard, fill);
    this.#fillRuns(shown[0]?.runs ?? []);
    const none = state({ name: "no-orchestrator", isPart: true, sign: "play", title: "No orchestrator yet", text: known.problem ?? "None has registered itself for this plan, and none was started from here." });
    say(one(this, ".life-state"), own.length === 0 ? none : null);
  }

  /** @param {OrchestratorDetails["runs"]} runs */
  #fillRuns(runs) {
    const markup = runsTable(runs);
    if (markup.text === this.#runs) return;
    this.#runs = markup.text;
    render(one(this, ".life-table"), markup);
  }
}

/** Make the element known. */
export function register() {
  define("plan-orchestrators", PlanOrchestrators);
}

/** @returns {CardElement} */
function newCard() {
  const element = document.createElement("section");
  element.className = "panel life-card";
  element.setAttribute("aria-label", "Orchestrator");
  element.dataset.testid = "orchestrator";
  return element;
}

/** @param {CardElement} element @param {OrchestratorDetails} details */
function fill(element, details) {
  const markup = orchestratorOf(details);
  if (markup.text === element.shown) return;
  const hadFocus = element.contains(document.activeElement);
  element.shown = markup.text;
  render(element, markup);
  if (hadFocus) element.querySelector("a")?.focus();
}
