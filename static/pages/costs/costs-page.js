/**
 * The page of costs. `setUp({costs, load, lookUp})` joins it to the live figures and the service, `show(query)` shows what
 * the address asks for, `hide()` lets it rest. Its parts tell what the user wants by events.
 */
import { define, delegate } from "../../lib/dom.js";
import { oncePerFrame } from "../../lib/schedule.js";
import { html, render } from "../../lib/html.js";
import { icon } from "../../lib/icons.js";
import { knownUsd } from "../../lib/format.js";
import { nothingYet } from "./cost-sources.js";
import { Loader } from "./loader.js";

const DAY_BEGINS_MS = 60_000; // so late at most a new day is seen on which nobody calls

export class CostsPage extends HTMLElement {
  #costs = null;
  #loader = null;
  #summary = null; // the last answer of /api/telemetry
  #query = {};
  #isShown = false;
  #isAsking = false; // the service counts calls, and was asked for what this page shows
  #jumped = null; // the part that the address last pointed out
  #draw = oncePerFrame(() => this.#drawFigures());

  /** `costs` are the live figures, `load` the calls of the service, `lookUp(id)` what the board knows of a task. */
  setUp({ costs, load, lookUp }) {
    this.#costs = costs;
    this.#frame(lookUp);
    this.#loader = new Loader(this, { load, costs, isSeen: () => this.#isShown });
    setInterval(() => this.#isAsking && this.#loader.news(), DAY_BEGINS_MS);
    costs.addEventListener("change", () => this.#changed());
    costs.addEventListener("calls", () => this.#loader.news());
    this.addEventListener("calls-page", () => this.#loader.turnPage());
    delegate(this, "click", "[data-jump]", (event, { dataset }) => {
      event.preventDefault();
      this.#jump(dataset.jump);
    });
  }

  /** Show what a query asks for: range, telling, filters. */
  show(query) {
    this.#query = query;
    this.#isShown = true;
    this.#draw();
    if (this.#costs.state !== "known") return;
    const isNew = !this.#isAsking;
    this.#isAsking = true;
    this.#loader.want(query, this.#costs.timezone, isNew);
    if (query.show && (isNew || query.show !== this.#jumped)) this.#loader.settled().then(() => this.#jump(query.show));
    this.#jumped = query.show;
  }

  /** It is not to be seen: ask for nothing. */
  hide() {
    this.#isShown = this.#isAsking = false;
  }

  /** The last answer of /api/telemetry. */
  set summary(summary) {
    this.#summary = summary;
    this.#draw();
  }

  /** Whether notifications are "on", "off", "denied" or "missing". */
  set notifications(state) {
    this.querySelector("cost-budgets").notifications = state;
  }

  #frame(lookUp) {
    render(this, frame());
    this.querySelector("cost-totals").lookUp = lookUp;
  }

  #changed() {
    if (!this.#isShown) return;
    if (this.#isAsking) this.#loader.news();
    else this.show(this.#query);
    this.#draw();
  }

  #drawFigures() {
    const one = (name) => this.querySelector(name);
    const { state, costs, calls, unpriced, tokens, coverage, forecast, budgets } = this.#costs;
    const isEmpty = coverage?.calls === 0;
    const isKnown = state === "known";
    one(".costs-off").hidden = state !== "off";
    one(".costs-unavailable").hidden = state !== "unavailable";
    one(".costs-none").hidden = !isKnown || !isEmpty;
    one(".costs-all").hidden = !isKnown || isEmpty;
    one("cost-sources").hidden = !isKnown;
    one("cost-sources").isAlone = isEmpty;
    one("cost-ticker").figures = { costs, calls, unpriced, tokens };
    one("cost-forecast").show(forecast, knownUsd(costs?.month, calls?.month, unpriced?.month), unpriced?.month ?? 0);
    one("cost-budgets").budgets = budgets;
    one("cost-coverage").figures = {
      coverage,
      flagged: this.#summary?.flagged,
      problems: this.#summary?.problems ?? 0,
    };
  }

  #jump(name) {
    const title = this.querySelector(`#${CSS.escape(name)}-title`);
    title?.closest("section").scrollIntoView({ block: "start" });
  }
}

/** Make the element known. */
export function register() {
  define("costs-page", CostsPage);
}

function frame() {
  return html`<div class="costs">
    <h2 class="off-screen">Costs</h2>
    <div class="costs-off state" data-testid="costs-off" hidden>
      ${icon("inbox")}
      <h2>Calls are not counted</h2>
      <p>The settings <code>telemetry</code> and <code>history</code> switch it on; one of them is off.</p>
    </div>
    <div class="costs-unavailable state" data-testid="costs-unavailable" hidden>
      ${icon("alert")}
      <h2>The costs cannot be read now</h2>
      <p>The history database is still being checked, or it cannot be used: then the reason stands at the top of the page. The
        figures appear as soon as it can be read.</p>
    </div>
    <div class="costs-none" hidden>${nothingYet()}</div>
    <div class="costs-all">
      <div class="tiles"><cost-ticker></cost-ticker><cost-forecast></cost-forecast></div>
      <cost-coverage></cost-coverage>
      <cost-budgets></cost-budgets>
      <costs-toolbar></costs-toolbar>
      <cost-trend></cost-trend>
      <model-share></model-share>
      <token-trend></token-trend>
      <cost-totals></cost-totals>
      <model-table></model-table>
      <calls-table></calls-table>
    </div>
    <cost-sources></cost-sources>
  </div>`;
}
