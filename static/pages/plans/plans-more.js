/** What is beside the list of plans: all orchestrators, worktrees with resources and limits, what happened lately: `plans-more`. */
import { define, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { put } from "../../ui/put.js";
import { Repeating } from "../../ui/repeating.js";
import { say, state } from "../../ui/state.js";
import { getActivity, getResources, getWorktrees } from "./api.js";
import { loadOverview, overview } from "./control.js";
import { activityOf, orchestratorsOf } from "./more-lists.js";
import { resourcesOf } from "./resources.js";
import { worktreesOf } from "./worktrees.js";
/** @import {Markup} from "../../lib/types.js" */

/** How often each is asked for, and how its markup is made. @type {Record<string, {every_ms: number, load: () => Promise<Markup>}>} */
const VIEWS = {
  orchestrators: { every_ms: 3_000, load: async () => (await loadOverview(), orchestratorsOf(overview.peek())) },
  worktrees: {
    every_ms: 5_000,
    load: async () => {
      const [resources, worktrees] = await Promise.all([getResources(), getWorktrees()]);
      return html`${resourcesOf(resources)}${worktreesOf(worktrees)}`;
    },
  },
  activity: { every_ms: 3_000, load: async () => activityOf(await getActivity(200)) },
};

export const VIEW_TABS = [
  { name: "plans", label: "Plans" },
  { name: "orchestrators", label: "Orchestrators" },
  { name: "worktrees", label: "Worktrees and resources" },
  { name: "activity", label: "Activity" },
];

export class PlansMore extends HTMLElement {
  #view = "";
  #asking = new Repeating(3_000, () => this.#load());

  connectedCallback() {
    if (this.firstChild) return;
    render(this, html`<h2 class="off-screen"></h2><div class="more-state" hidden></div><div class="more-body"></div>`);
  }

  /** @param {string} view */
  show(view) {
    if (view === this.#view) return;
    this.hide();
    this.#view = view;
    one(this, "h2").textContent = VIEW_TABS.find(({ name }) => name === view)?.label ?? "";
    put(one(this, ".more-body"), html``);
    say(one(this, ".more-state"), state({ isWaiting: true, text: "Loading…" }));
    this.#asking = new Repeating(VIEWS[view].every_ms, () => this.#load());
    this.#asking.start();
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.#view = "";
    this.#asking.stop();
  }

  async #load() {
    const view = this.#view;
    try {
      const markup = await VIEWS[view].load();
      if (view !== this.#view) return;
      say(one(this, ".more-state"), null);
      put(one(this, ".more-body"), markup);
    } catch (error) {
      if (view !== this.#view) return;
      say(one(this, ".more-state"), state({ name: "more-failed", sign: "alert", isAlert: true, isPart: true, title: "This cannot be shown", text: /** @type {Error} */ (error).message }));
    }
  }
}

/** Make the element known. */
export function register() {
  define("plans-more", PlansMore);
}
