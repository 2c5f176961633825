/**
 * What other hosts have, on the pages of the same here: `<host-lists data-lists="jobs">` lists it, with a filter by host and sums. Pages
 * have the element from the start; it is empty until this is loaded.
 */
import { define, delegate, emit, keyed, one } from "../lib/dom.js";
import { count, dateTime, money, plural, sentenceCase } from "../lib/format.js";
import { element, html, icon, render } from "../lib/html.js";
import { effect, oncePerFrame } from "../lib/signals.js";
import { timeAgo } from "../ui/age.js";
import { panel } from "../ui/panel.js";
import { put } from "../ui/put.js";
import { fillSelect, select } from "../ui/select.js";
import { LISTS, costSums, linesOf } from "./lists.js";
import { ownerLink } from "./owner.js";
/** @import {Route, Signal} from "../lib/types.js" */
/** @import {Hosts} from "../stores/hosts.js" */
/** @import {Costs} from "../stores/costs.js" */
/** @import {Line} from "./lists.js" */

const MOST = 200; // rows of a list: the rest is counted
const NAME = "host-lists";
const STATES_OF_NOW = new Set(["agents", "sessions"]); // whatever they say, it is about now

/**
 * Make the element known: those on the pages come to life.
 * @param {{hosts: Hosts, route: Signal<Route>, costs: Costs}} dashboard
 */
export function register({ hosts, route, costs }) {
  define(NAME, class extends HostLists {
    constructor() {
      super(hosts, route, costs);
    }
  });
}

class HostLists extends HTMLElement {
  #hosts;
  #route;
  #costs;
  #host = "";
  #draw = oncePerFrame(() => this.#drawNow());
  #isFollowing = false;

  /**
   * @param {Hosts} hosts
   * @param {Signal<Route>} route
   * @param {Costs} costs of this host
   */
  constructor(hosts, route, costs) {
    super();
    this.#costs = costs;
    this.#hosts = hosts;
    this.#route = route;
  }

  connectedCallback() {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    delegate(this, "change", "select[name=host]", (_, list) => {
      this.#host = /** @type {HTMLSelectElement} */ (list).value;
      this.#draw();
    });
    delegate(this, "click", "a[data-host-open]", (event, link) => {
      if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const { observer = "", kind = "", id = "" } = link.dataset;
      emit(this, "host-open", { observer, kind, id });
    });
    effect(() => {
      this.#route.value;
      this.#hosts.revision.value;
      for (const name of this.#names) this.#hosts.follow(name === "costs" ? "costs" : LISTS[name].collection);
      this.#costs.revision.value;
      this.#draw();
    });
  }

  get #names() {
    return (this.dataset.lists ?? "").split(" ").filter((name) => name === "costs" || Object.hasOwn(LISTS, name));
  }

  #drawNow() {
    const hosts = this.#hosts;
    const page = /** @type {HTMLElement | null} */ (this.closest("[data-page]"));
    if (page?.hidden) return; // it is drawn when it is shown
    // What one item is, is shown alone.
    this.hidden = !hosts.isMany || (this.#route.peek().item !== null && this.#route.peek().page !== "now");
    if (this.hidden) return;
    if (!hosts.others.includes(this.#host)) this.#host = "";
    const parts = keyedParts(this, this.#names);
    for (const [name, part] of parts) {
      if (name === "costs") put(one(part, ".host-costs"), costTable(hosts, { observer: hosts.self, costs: this.#costs.costs, calls: this.#costs.calls }));
      else this.#drawList(name, part);
    }
  }

  /**
   * @param {string} name
   * @param {HTMLElement} part
   */
  #drawList(name, part) {
    const hosts = this.#hosts;
    const { collection, nouns } = LISTS[name];
    const all = linesOf(name, hosts.rowsOf(collection), (observer, each, key) => hosts.get(observer, each, key));
    const lines = this.#host === "" ? all : all.filter(({ observer }) => observer === this.#host);
    const choices = hosts.others.map((observer) => /** @type {[string, string]} */ ([observer, `${hosts.labelOf(observer)} (${count(all.filter((each) => each.observer === observer).length)})`]));
    fillSelect(/** @type {HTMLSelectElement} */ (one(part, "select")), { choices, value: this.#host, any: "All hosts" });
    const running = lines.filter(({ runs, observer }) => runs && hosts.isLive(observer)).length;
    const costs = lines.map(({ cost }) => cost).filter((cost) => cost !== null);
    const sums = [plural(lines.length, ...nouns), running > 0 && `${count(running)} at work`, costs.length > 0 && money(costs.reduce((sum, each) => sum + each, 0)), lines.length > MOST && `the first ${MOST} are shown`];
    const note = sums.filter(Boolean).join(" · ");
    const place = one(part, ".panel-note");
    if (place.textContent !== note) place.textContent = note;
    part.hidden = all.length === 0;
    const table = one(part, "table");
    for (const field of /** @type {const} */ (["project", "detail", "cost", "at"])) table.toggleAttribute(`data-no-${field}`, lines.every((each) => each[field] === null || each[field] === ""));
    keyed(
      one(part, "tbody"),
      lines.slice(0, MOST),
      ({ observer, id }) => `${observer}\n${id}`,
      () => /** @type {HTMLTableRowElement & {keyedBy: string}} */ (document.createElement("tr")),
      (row, each) => showLine(row, each, hosts),
    );
  }
}

/**
 * The parts of an element by name, made when they are first wanted.
 * @param {HTMLElement} root
 * @param {string[]} names
 */
function keyedParts(root, names) {
  if (!root.firstChild) root.append(...names.map(frameOf));
  return names.map((name, index) => /** @type {[string, HTMLElement]} */ ([name, /** @type {HTMLElement} */ (root.children[index])]));
}

/** @param {string} name */
function frameOf(name) {
  if (name === "costs") return element(panel({ name: "host-costs", title: "Costs by host", note: "What each host has counted itself.", body: html`<div class="host-costs"></div>` }));
  const { title } = LISTS[name];
  return element(panel({
    name: `host-${name}`,
    title,
    note: " ",
    controls: select({ name: "host", label: `${title}: filter by host`, testid: `host-filter-${name}` }),
    body: html`<div class="table-box" tabindex="0" role="region" aria-label="${title}"><table class="host-rows"><thead><tr><th scope="col">Host</th><th scope="col">Name</th><th scope="col">State</th><th scope="col" class="c-project">Project</th><th scope="col" class="c-detail">At</th><th scope="col" class="number c-cost">Cost</th><th scope="col" class="c-at">Last</th></tr></thead><tbody></tbody></table></div>`,
  }));
}

/**
 * @param {HTMLElement} row
 * @param {Line} line
 * @param {Hosts} hosts
 */
function showLine(row, { observer, kind, id, title, project, state, tone, detail, cost, at, runs }, hosts) {
  const isLive = hosts.isLive(observer);
  row.dataset.testid = "host-row";
  row.dataset.host = observer;
  row.dataset.live = String(isLive);
  // What it was at, nobody knows whether it still is: it is never said to run.
  const said = `${!isLive && (runs || STATES_OF_NOW.has(kind)) ? "was " : ""}${sentenceCase(state).replaceAll("_", " ")}`;
  const link = ownerLink(hosts.members.get(observer)?.url, LISTS[kind].link, kind === "needs" ? null : id) ?? "#";
  put(row, html`<td>${hosts.markOf(observer)}</td>
    <th scope="row"><a href="${link}" rel="noopener noreferrer" dir="auto" data-host-open data-observer="${observer}" data-kind="${kind}" data-id="${id}" title="${title}">${title}</a></th>
    <td><span class="host-state" data-testid="host-state" data-tone="${isLive ? tone : "soft"}">${said}</span></td>
    <td class="c-project" dir="auto">${project}</td><td class="c-detail" dir="auto" title="${detail}">${detail}</td>
    <td class="number c-cost">${cost === null ? "" : money(cost)}</td><td class="c-at">${at === null ? "" : timeAgo(at, { title: dateTime(at) })}</td>`);
}

/**
 * @param {Hosts} hosts
 * @param {{observer: string, costs: object | null, calls: object | null}} own
 */
function costTable(hosts, own) {
  const { lines, sums } = costSums(hosts.rowsOf("costs"), own);
  const known = (/** @type {number | null} */ value) => (value === null ? html`<span class="faint" title="Not known">—</span>` : money(value));
  const row = (/** @type {unknown} */ name, /** @type {{today: number | null, month: number | null, total: number | null, calls: number | null}} */ { today, month, total, calls }) =>
    html`<th scope="row">${name}</th><td class="number">${known(today)}</td><td class="number">${known(month)}</td><td class="number">${known(total)}</td><td class="number">${calls === null ? "—" : count(calls)}</td>`;
  return html`<div class="table-box" tabindex="0" role="region" aria-label="Costs by host"><table class="host-rows"><thead><tr><th scope="col">Host</th><th scope="col" class="number">Today</th><th scope="col" class="number">Month</th><th scope="col" class="number">Total</th><th scope="col" class="number">Calls</th></tr></thead>
    <tbody>${lines.map((each) => html`<tr data-testid="host-cost" data-host="${each.observer}">${row(hosts.markOf(each.observer), each)}</tr>`)}</tbody>
    <tfoot><tr data-testid="host-cost-sum">${row(html`${icon("system")}All hosts`, sums)}</tr></tfoot></table></div>`;
}
