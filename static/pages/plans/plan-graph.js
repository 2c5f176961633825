/** What waits for what in a plan, with its phases as layers: `plan-graph`. One task can be looked at with what belongs to it. */
import { define, delegate, one } from "../../lib/dom.js";
import { latency, plural } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { atMostEvery, oncePerFrame } from "../../lib/signals.js";
import { say, state } from "../../ui/state.js";
import { getGraph } from "./api.js";
import { NODE, coneOf, drawingOf, neighbour } from "./graph-layout.js";
import { graphSvg, placesIn } from "./graph-svg.js";
/** @import {Markup} from "../../lib/types.js" */
/** @import {PlanTaskStatus} from "../../lib/types.js" */
/** @import {Drawing} from "./graph-layout.js" */
/** @import {Part} from "./graph-svg.js" */
/** @import {Graph, Plan} from "./types.js" */

const AGAIN_MS = 1_000;
const MOST_CLOSE = 400; // tasks with their texts; from further away they are squares
const AROUND = 0.25; // of the view, is drawn before it is scrolled to
const ZOOMS = [0.25, 0.35, 0.5, 0.7, 0.85, 1, 1.25, 1.6, 2];

export class PlanGraph extends HTMLElement {
  /** @type {Plan | null} */
  #plan = null;
  /** @type {Graph | null} */
  #graph = null;
  /** @type {string | null} */
  #task = null;
  /** @type {Drawing | null} */
  #drawing = null;
  #of = "";
  #drawn = "";
  #zoom = 1;
  /** @type {Part} */
  #part = { left: 0, top: 0, right: 0, bottom: 0 };
  /** @type {Map<string, PlanTaskStatus>} */
  #statuses = new Map();
  /** @type {string | null} */
  #focused = null; // the task that the Tab key leads to
  #shape = ""; // the task whose surroundings are drawn
  /** @type {Graph | null} */
  #drawingOf = null;
  /** @type {Map<string, Markup>} */
  #made = new Map();
  #about = "";
  #scrolled = oncePerFrame(() => this.#isOutside && this.#paint());

  /** Ask again, soon. */
  again = atMostEvery(AGAIN_MS, () => this.#load());

  connectedCallback() {
    if (this.firstChild) return;
    render(this, frame());
    delegate(this, "click", "[data-zoom]", (_, /** @type {HTMLButtonElement} */ { dataset }) => this.#setZoom(zoomAfter(dataset.zoom ?? "", this.#zoom, this.#fit)));
    const view = one(this, ".graph-view");
    view.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#scrolled()).observe(view);
    delegate(this, "click", "svg[data-close=false]", (event) => this.#approach(/** @type {MouseEvent} */ (event)));
    delegate(this, "keydown", ".node", (event, node) => this.#move(event, /** @type {SVGElement} */ (/** @type {unknown} */ (node))));
  }

  /** Show the graph, or only what belongs to a task. @param {Plan} plan @param {string | null} task */
  show(plan, task) {
    const isOther = plan.name !== this.#of;
    [this.#plan, this.#task, this.#of] = [plan, task, plan.name];
    if (isOther) {
      [this.#graph, this.#drawing, this.#focused] = [null, null, null];
      this.#say(state({ isWaiting: true, text: "Loading…" }));
    }
    if (this.#graph === null) this.#load();
    else this.#draw();
  }

  async #load() {
    const name = this.#of;
    if (this.hidden || !name) return;
    try {
      const graph = await getGraph(name);
      if (name !== this.#of) return;
      this.#graph = graph;
      this.#say(null);
      this.#draw();
    } catch (error) {
      if (name === this.#of) this.#say(state({ name: "graph-failed", sign: "alert", isAlert: true, isPart: true, title: "The graph cannot be shown", text: /** @type {Error} */ (error).message }));
    }
  }

  #draw() {
    const [plan, graph] = [this.#plan, this.#graph];
    if (!plan || !graph || this.hidden) return;
    this.#statuses = new Map(plan.tasks.map(({ id, status }) => [id, status]));
    const isKnown = graph.nodes.some(({ id }) => id === this.#task);
    const only = this.#task !== null && isKnown ? coneOf(graph.edges, this.#task) : null;
    const shape = only ? (this.#task ?? "") : "";
    if (this.#drawing === null || this.#shape !== shape || this.#drawingOf !== graph) {
      this.#drawing = drawingOf(graph, only);
      this.#made.clear();
    }
    [this.#shape, this.#drawingOf] = [shape, graph];
    this.#say(graph.nodes.length === 0 ? state({ name: "graph-empty", isPart: true, sign: "link", title: "There is nothing to draw" }) : null);
    const about = aboutOf(plan.name, graph, only, this.#task);
    if (about.text !== this.#about) render(one(this, ".graph-about"), about);
    this.#about = about.text;
    this.#paint();
  }

  /** Draw what is in view, and a little around it. */
  #paint() {
    const [plan, drawing] = [this.#plan, this.#drawing];
    if (!plan || !drawing || this.hidden) return;
    const view = one(this, ".graph-view");
    this.#part = this.#inView(AROUND);
    const isClose = placesIn(drawing, this.#inView(0)).length <= MOST_CLOSE;
    const focus = this.#shape || null;
    const markup = graphSvg(plan.name, drawing, this.#statuses, { part: this.#part, isClose, focus, stop: this.#focused ?? focus, made: this.#made });
    if (markup.text === this.#drawn) return;
    this.#drawn = markup.text;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement?.closest("plan-graph .node"))?.dataset.task;
    const [left, top] = [view.scrollLeft, view.scrollTop];
    render(view, markup);
    this.#resize();
    [view.scrollLeft, view.scrollTop] = [left, top];
    if (focused) this.#nodeOf(focused)?.focus({ preventScroll: true });
  }

  /** What is in view, in units of the drawing, with a part of the view around it. @param {number} around @returns {Part} */
  #inView(around) {
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = one(this, ".graph-view");
    const [width, height] = [Math.max(320, clientWidth) / this.#zoom, Math.max(360, clientHeight) / this.#zoom];
    const [left, top] = [scrollLeft / this.#zoom, scrollTop / this.#zoom];
    return { left: left - around * width, top: top - around * height, right: left + (1 + around) * width, bottom: top + (1 + around) * height };
  }

  get #isOutside() {
    if (!this.#drawing || this.hidden) return false;
    const { left, top, right, bottom } = this.#inView(0);
    const { width, height } = this.#drawing;
    return Math.max(0, left) < this.#part.left || Math.max(0, top) < this.#part.top || Math.min(width, right) > this.#part.right || Math.min(height, bottom) > this.#part.bottom;
  }

  /** From afar: come close to the place that was pressed. @param {MouseEvent} event */
  #approach(event) {
    const view = one(this, ".graph-view");
    const { left, top } = view.getBoundingClientRect();
    const [x, y] = [(view.scrollLeft + event.clientX - left) / this.#zoom, (view.scrollTop + event.clientY - top) / this.#zoom];
    this.#setZoom(1);
    view.scrollTo({ left: x - view.clientWidth / 2, top: y - view.clientHeight / 2 });
  }

  /** @param {number} zoom */
  #setZoom(zoom) {
    this.#zoom = zoom;
    this.#resize();
    this.#paint();
    one(this, ".graph-zoom").textContent = `${Math.round(zoom * 100)} %`;
  }

  #resize() {
    const svg = this.querySelector(".graph-view > svg");
    if (!svg || !this.#drawing) return;
    svg.setAttribute("width", String(Math.round(this.#drawing.width * this.#zoom)));
    svg.setAttribute("height", String(Math.round(this.#drawing.height * this.#zoom)));
  }

  /** The zoom at which all of it is in view. */
  get #fit() {
    const { clientWidth, clientHeight } = one(this, ".graph-view");
    const { width, height } = this.#drawing ?? { width: 1, height: 1 };
    return Math.max(0.1, Math.min(1, (clientWidth - 24) / width, Math.max(clientHeight - 24, 240) / height));
  }

  /** @param {KeyboardEvent} event @param {SVGElement} node */
  #move(event, node) {
    if (!this.#drawing || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = neighbour(this.#drawing, node.dataset.task ?? "", event.key);
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    if (next) this.#focus(next.node.id);
  }

  /** @param {string} id */
  #focus(id) {
    const place = this.#drawing?.places.get(id);
    if (!place) return;
    this.#focused = id;
    this.#reveal(place.x * this.#zoom, place.y * this.#zoom);
    this.#paint();
    const next = this.#nodeOf(id);
    for (const each of this.querySelectorAll(".node")) each.setAttribute("tabindex", each === next ? "0" : "-1");
    next?.focus({ preventScroll: true });
  }

  /** Bring the task at this place of the drawing into view. @param {number} x @param {number} y */
  #reveal(x, y) {
    const view = one(this, ".graph-view");
    const [width, height] = [NODE.width * this.#zoom + 24, NODE.height * this.#zoom + 24];
    if (x < view.scrollLeft) view.scrollLeft = x - 12;
    else if (x + width > view.scrollLeft + view.clientWidth) view.scrollLeft = x + width - view.clientWidth + 12;
    if (y < view.scrollTop) view.scrollTop = y - 12;
    else if (y + height > view.scrollTop + view.clientHeight) view.scrollTop = y + height - view.clientHeight + 12;
  }

  /** @param {string} id */
  #nodeOf(id) {
    const nodes = /** @type {SVGElement[]} */ ([...this.querySelectorAll(".node")]);
    return nodes.find(({ dataset }) => dataset.task === id);
  }

  /** @param {Markup | null} markup */
  #say(markup) {
    say(one(this, ".graph-state"), markup);
    one(this, ".graph-view").hidden = markup !== null;
  }
}

/** Make the element known. */
export function register() {
  define("plan-graph", PlanGraph);
}

function frame() {
  return html`<div class="graph-bar"><div class="graph-about"></div><div class="graph-controls">
      <button type="button" class="button icon-button" data-zoom="out" data-testid="zoom-out" aria-label="Smaller">−</button><span class="graph-zoom" role="status" data-testid="zoom">100 %</span>
      <button type="button" class="button icon-button" data-zoom="in" data-testid="zoom-in" aria-label="Larger">${icon("plus")}</button><button type="button" class="button" data-zoom="fit" data-testid="zoom-fit">All in view</button></div></div>
    <div class="graph-state" hidden></div><div class="graph-view" role="region" aria-label="Graph of the tasks" tabindex="0"></div>`;
}

/** @param {string} wish @param {number} now @param {number} fit */
function zoomAfter(wish, now, fit) {
  if (wish === "fit") return fit;
  if (wish === "in") return ZOOMS.find((zoom) => zoom > now + 0.01) ?? now;
  return ZOOMS.findLast((zoom) => zoom < now - 0.01) ?? now;
}

/** What is to be said of the graph. @param {string} plan @param {Graph} graph @param {Set<string> | null} only @param {string | null} task */
function aboutOf(plan, { nodes, criticalPath, cycles, missing }, only, task) {
  const link = (/** @type {string} */ id) => html`<a href="${address({ page: "plans", item: plan, query: { tab: "graph", task: id } })}">${id}</a>`;
  const chain = (/** @type {string[]} */ ids) => ids.map((id, index) => html`${index > 0 ? " → " : ""}${link(id)}`);
  const focus = only
    ? html`<p data-testid="graph-focus">Task <a href="${address({ page: "plans", item: plan, query: { task } })}">${task}</a> with ${plural(only.size - 1, "task")} that it waits for, or that wait for it. <a class="button" href="${address({ page: "plans", item: plan, query: { tab: "graph" } })}" data-testid="graph-all">All ${plural(nodes.length, "task")}</a></p>`
    : null;
  const path = criticalPath.tasks.length > 1 ? html`<p data-testid="critical-path"><strong>Critical path${criticalPath.duration === null ? "" : `, ${latency(criticalPath.duration)}`}:</strong> ${chain(criticalPath.tasks.slice(0, 40))}${criticalPath.tasks.length > 40 ? " …" : ""}</p>` : null;
  const loops = cycles.length > 0 ? html`<p class="graph-bad" data-testid="cycles">${icon("alert")}<span>Tasks that wait for each other: ${cycles.slice(0, 10).map((ids, index) => html`${index > 0 ? "; " : ""}${chain([...ids.slice(0, 20), ids[0]])}`)}</span></p>` : null;
  const lost = missing.length > 0 ? html`<p class="graph-bad" data-testid="missing">${icon("alert")}<span>Waited for, but not there: ${missing.slice(0, 20).map(({ task: id, dependency }, index) => html`${index > 0 ? ", " : ""}${dependency} (by ${link(id)})`)}</span></p>` : null;
  return html`${focus}${path}${loops}${lost}`;
}
