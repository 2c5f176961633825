/** The page of pipelines: all of them, one of them, or one of its jobs. */
import { define, emit, listen, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { returns } from "../../lib/lazy.js";
import { address } from "../../lib/router.js";
import { effect } from "../../lib/signals.js";
import { Pipelines } from "../../stores/pipelines.js";
import { listenForCopy } from "../../ui/copy-button.js";
import { listenForTasks } from "../../ui/task-links.js";
import { hasTargets, moveFocus } from "./arrow-keys.js";
import * as pipelineDetail from "./pipeline-detail.js";
import * as pipelineList from "./pipeline-list.js";
/** @import {Dashboard, Route, Signal} from "../../lib/types.js" */

export const tag = "pipelines-page";

const REFRESH_MS = 15_000; // while nothing is pushed

export class PipelinesPage extends HTMLElement {
  /** @type {Pick<Route, "item" | "query">} */
  #route = { item: null, query: {} };
  #isShown = false;

  /** Join it to the stores. @param {Dashboard} dashboard */
  setUp({ stores, route, status }) {
    const store = stores.get("pipelines");
    render(this, html`<pipeline-list hidden></pipeline-list><host-lists data-lists="pipelines"></host-lists><pipeline-detail hidden></pipeline-detail>`);
    listenForCopy(this);
    listenForTasks(this);
    this.#list.setUp(store);
    this.#detail.setUp(store);
    effect(() => {
      returns.value;
      this.#refresh();
    });
    setInterval(() => document.hidden || status.peek().state === "in_sync" || this.#refresh(), REFRESH_MS);
    const costs = stores.get("costs");
    effect(() => {
      costs.revision.value;
      this.#detail.noteCosts();
    });
    this.addEventListener("keydown", (event) => moveFocus(this, event));
    const isActive = () => this.#isShown && route.peek().task === null;
    listen({ u: () => this.#up() }, isActive);
    listen({ ArrowDown: (event) => moveFocus(this, event) }, () => isActive() && hasTargets(this));
  }

  /** @param {Route} route */
  show({ item, query }) {
    this.#route = { item, query };
    this.#isShown = true;
    if (item === null) {
      this.#detail.hide();
      this.#list.show(query);
    } else {
      this.#list.hide();
      this.#detail.show(item, query);
    }
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.#isShown = false;
    this.#list.hide();
    this.#detail.hide();
  }

  /** @returns {pipelineList.PipelineList} */
  get #list() {
    return one(this, "pipeline-list");
  }

  /** @returns {pipelineDetail.PipelineDetail} */
  get #detail() {
    return one(this, "pipeline-detail");
  }

  #refresh() {
    if (!this.#isShown) return;
    if (this.#route.item === null) this.#list.refresh();
    else this.#detail.refresh();
  }

  /** From a job to its pipeline, from there to all of them. */
  #up() {
    const { item, query } = this.#route;
    if (item !== null) emit(this, "page-open", { page: "pipelines", item: query.job ? item : null });
  }
}

/** The store of its topic. */
export function makeStore() {
  return new Pipelines();
}

/** Make the elements of the page known. */
export function register() {
  for (const part of [pipelineList, pipelineDetail]) part.register();
  define(tag, PipelinesPage);
}
