/** The page of plans: all of them, or one. */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { lazily, returns } from "../../lib/lazy.js";
import { effect, oncePerFrame } from "../../lib/signals.js";
import { connecting, refusal, say, state } from "../../ui/state.js";
import { tabBar } from "../../ui/tabs.js";
import { loadOverviewSoon, overview, stop, stopping } from "./control.js";
import * as planDetail from "./plan-detail.js";
import * as planList from "./plan-list.js";
import * as plansMore from "./plans-more.js";
/** @import {Dashboard, Markup, Route} from "../../lib/types.js" */
/** @import {Plans} from "../../stores/plans.js" */

export const tag = "plans-page";

const loadStart = lazily(() => import("./plan-start.js"), import.meta.resolve("./plan-start.js"));

export class PlansPage extends HTMLElement {
  /** @type {Plans} */
  #plans = /** @type {any} */ (null); // from `setUp` on
  /** @type {Pick<Route, "item" | "query">} */
  #route = { item: null, query: {} };
  #isShown = false;
  #draw = oncePerFrame(() => this.#isShown && this.#drawNow());

  /** Join it to the stores. @param {Dashboard} dashboard */
  setUp({ stores }) {
    this.#plans = stores.get("plans");
    render(this, frame());
    this.#detail.setUp(this.#plans);
    this.#plans.addEventListener("run", () => this.#isShown && loadOverviewSoon());
    this.#plans.addEventListener("reset", () => this.#isShown && loadOverviewSoon());
    delegate(this, "click", ".plan-action", (_, /** @type {HTMLButtonElement} */ { dataset }) => this.#act(dataset.action ?? "", dataset.plan ?? ""));
    one(this, ".plans-views").addEventListener("tab-choose", ({ detail: { name } }) => emit(this, "page-open", { page: "plans", query: name === "plans" ? {} : { view: name } }));
    effect(() => {
      [this.#plans.revision.value, overview.value, stopping.value];
      this.#draw();
    });
    effect(() => {
      returns.value;
      if (!this.#isShown) return;
      this.#detail.refresh();
      loadOverviewSoon();
    });
  }

  /** @param {Route} route */
  show({ item, query }) {
    if (item !== this.#route.item) this.scrollTop = 0;
    if (!this.#isShown) loadOverviewSoon();
    this.#route = { item, query };
    this.#isShown = true;
    this.#drawNow();
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.#isShown = false;
    this.#detail.hide();
    this.#more.hide();
  }

  /** @param {string} action @param {string} plan */
  async #act(action, plan) {
    if (action !== "start") return stop(this, plan, action === "force");
    const { register: registerStart } = await loadStart();
    registerStart();
    const title = this.#plans.plans.get(plan)?.title || plan;
    await /** @type {import("./plan-start.js").PlanStart} */ (one(this, "plan-start")).open(plan, title);
  }

  /** @returns {plansMore.PlansMore} */
  get #more() {
    return one(this, "plans-more");
  }

  /** @returns {planDetail.PlanDetail} */
  get #detail() {
    return one(this, "plan-detail");
  }

  #drawNow() {
    const { item, query } = this.#route;
    const row = item === null ? undefined : this.#plans.plans.get(item);
    say(one(this, ".plans-state"), this.#state());
    const list = /** @type {planList.PlanList} */ (one(this, "plan-list"));
    const isOverview = this.#plans.isKnown && item === null;
    const view = plansMore.VIEW_TABS.find(({ name }) => name === query.view)?.name ?? "plans";
    one(this, ".plans-views").hidden = !isOverview;
    /** @type {import("../../ui/tabs.js").TabBar} */ (one(this, ".plans-views tab-bar")).selected = view;
    list.hidden = !isOverview || view !== "plans";
    this.#more.hidden = !isOverview || view === "plans";
    if (!list.hidden) list.show(this.#plans, query);
    if (this.#more.hidden) this.#more.hide();
    else this.#more.show(view);
    if (row) this.#detail.show(row, query);
    else this.#detail.hide();
  }

  /** @returns {Markup | null} */
  #state() {
    const { isAsked, isKnown, plans, unfilled } = this.#plans;
    const { item } = this.#route;
    if (!isAsked) return unfilled ? refusal("plans-failed", "The plans cannot be shown", unfilled) : connecting();
    if (!isKnown) return state({ name: "plans-unavailable", sign: "stop", title: "No plans here", text: "This service has no plans." });
    if (item === null || plans.has(item)) return null;
    const more = html`<a class="button" href="#/plans">All plans</a>`;
    return state({ name: "plan-unknown", sign: "help", title: "There is no such plan", text: html`Nothing is known of <code>${item}</code>. Its file may have been removed.`, more });
  }
}

/** Make the elements of the page known. */
export function register() {
  for (const part of [planList, planDetail, plansMore]) part.register();
  define(tag, PlansPage);
}

function frame() {
  return html`<div class="plans-state" hidden></div>
    <div class="plans-views" hidden>${tabBar({ label: "Plans and what belongs to them", tabs: plansMore.VIEW_TABS, prefix: "plans-view", panel: "plans-panel", selected: "plans" })}</div>
    <div id="plans-panel" role="tabpanel" aria-label="What is chosen"><plan-list hidden></plan-list><plans-more hidden></plans-more></div><host-lists data-lists="plans"></host-lists>
    <plan-detail hidden></plan-detail><plan-start></plan-start>`;
}
