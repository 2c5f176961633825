/**
 * One task in full: a panel beside the page, or where there is no room for one a sheet over it. `show({id, path})` opens it,
 * `show(null)` closes it; `refresh()` reads it again. Emits `task-open {id, path}`, `task-step {by}` and `task-close`.
 */
import { define, delegate, emit, one } from "../../../lib/dom.js";
import { clock } from "../../../lib/format.js";
import { atMostEvery } from "../../../lib/signals.js";
import { html, render } from "../../../lib/html.js";
import { loadMarkdown } from "../../../lib/markdown.js";
import { listenForCopy } from "../../../ui/copy-button.js";
import { address } from "../../../lib/router.js";
import { Dock } from "./dock.js";
import { acts, body, failure, frame, head, showPlace, tabsOf } from "./sheet.js";
import { listenForTasks } from "../../../ui/task-links.js";
/** @import {Costs} from "../../../stores/costs.js" */
/** @import {Board} from "../../../stores/board.js" */
/** @import {TaskRecord} from "../../../lib/types.js" */
/** @import {TaskCosts} from "./task-costs.js" */
/** @import {TaskGraph} from "./task-graph.js" */
/** @import {TaskWork} from "./task-work.js" */
/** @import {Details, LoadTask, TabName, TaskState} from "../types.js" */

const REFRESH_MS = 150;
const WAITING_MS = 150; // what was shown before stays so long, so that going from card to card does not flicker

export class TaskDetail extends HTMLElement {
  /** @type {LoadTask} */
  #loadTask = /** @type {any} */ (null);
  /** @type {Board} */
  #board = /** @type {any} */ (null);
  /** @type {Costs} */
  #costs = /** @type {any} */ (null);
  /** @type {{id: string, path: string | null} | null} */
  #shown = null;
  /** @type {Details | null} */
  #details = null;
  /** @type {TabName | null} */
  #tab = null;
  /** @type {((text: string) => Node) | null} */
  #markdown = null;
  /** @type {AbortController | null} */
  #request = null;
  /** @type {TaskRecord[][] | null} */
  #order = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #waiting;
  /** @type {Dock} */
  #dock = /** @type {any} */ (null); // until it is connected
  #refresh = atMostEvery(REFRESH_MS, () => this.#load());

  connectedCallback() {
    render(this, frame());
    this.#dock = new Dock(this, one(this, "dialog"), () => this.#shown !== null);
    delegate(this, "click", ".close", () => this.close());
    delegate(this, "click", ".step", (_, button) => emit(this, "task-step", { by: Number(button.dataset.by) }));
    this.addEventListener("tab-choose", ({ detail: { name } }) => this.#select(/** @type {TabName} */ (name)));
    listenForCopy(this);
    listenForTasks(this);
  }

  /**
   * `loadTask(id, path, signal)` asks the service, `board` and `costs` are the stores.
   * @param {{loadTask: LoadTask, board: Board, costs: Costs}} sources
   */
  setUp({ loadTask, board, costs }) {
    this.#loadTask = loadTask;
    this.#board = board;
    this.#costs = costs;
  }

  /** True while it is shown. */
  get isOpen() {
    return this.#dock.isOpen;
  }

  /** True while it is beside the page, and not over it. */
  get isDocked() {
    return this.#dock.isBeside;
  }

  /** Close it. */
  close() {
    this.#dock.close();
  }

  /**
   * The cards among which one can go on; null: there are none.
   * @param {TaskRecord[][] | null} order
   */
  set order(order) {
    this.#order = order;
    this.#drawPlace();
  }

  /**
   * Open the task, or close the dialog.
   * @param {{id: string, path: string | null} | null} wanted
   */
  show(wanted) {
    const same = wanted && this.#shown && wanted.id === this.#shown.id && wanted.path === this.#shown.path;
    if (same) return;
    this.#request?.abort();
    clearTimeout(this.#waiting);
    this.#shown = wanted;
    this.#details = null;
    if (this.#tab === "overview") this.#tab = null; // of a broken file, what is wrong comes first
    if (wanted === null) {
      this.#tab = null;
      return void (this.isOpen && this.close());
    }
    this.#notice("");
    const wait = () => this.#details === null && render(this.#sheet, html`<p class="waiting" role="status">Loading…</p>`);
    if (this.isOpen) this.#waiting = setTimeout(wait, WAITING_MS);
    else wait();
    if (!this.isOpen) this.#dock.open();
    this.#drawPlace();
    this.#load();
  }

  /**
   * True if a change of that task can be seen here.
   * @param {string} id
   */
  concerns(id) {
    return id === this.#shown?.id || (this.#details?.dependencies ?? []).some((dependency) => dependency.id === id);
  }

  /**
   * A file was moved: if it is the one shown by its path, show it there.
   * @param {string} id
   * @param {string} from
   * @param {string} to
   */
  follow(id, from, to) {
    if (this.#shown?.id === id && this.#shown.path === from) this.#shown = { id, path: to };
  }

  /** Read it again, since something about it changed. */
  refresh() {
    if (this.#shown) this.#refresh();
  }

  get #sheet() {
    return one(this, ".sheet");
  }

  get #body() {
    return one(this, ".tab-body");
  }

  async #load() {
    if (!this.#shown) return;
    this.#request?.abort();
    this.#request = new AbortController();
    const { signal } = this.#request;
    try {
      const { id, path } = this.#shown;
      const [details, markdown] = await Promise.all([this.#loadTask(id, path, signal), loadMarkdown()]);
      if (signal.aborted) return;
      this.#markdown = markdown;
      this.#notice("");
      this.#draw(details);
    } catch (error) {
      if (!signal.aborted) this.#failed(this.#shown.id, /** @type {Error} */ (error));
    }
  }

  /**
   * @param {string} id
   * @param {Error & {status?: number}} error
   */
  #failed(id, error) {
    clearTimeout(this.#waiting);
    if (this.#details === null) {
      render(one(this, ".detail-acts"), html``);
      return render(this.#sheet, failure(id, error));
    }
    if (error.status !== 404) return this.#notice(`${error.message} What you see was read before.`);
    this.#notice(
      `This task was removed from the board (${clock(new Date().toISOString())}). What you see is how it was last.`,
    );
  }

  /** @param {string} text */
  #notice(text) {
    const notice = one(this, ".detail-notice");
    notice.hidden = text === "";
    notice.textContent = text;
  }

  /** @param {Details} details */
  #draw(details) {
    const isFirst = this.#details === null;
    this.#details = details;
    const tabs = tabsOf(details);
    const { name: tab } = tabs.find(({ name }) => name === this.#tab) ?? tabs[0];
    this.#tab = tab;
    const scroll = this.querySelector(".tab-body")?.scrollTop ?? 0;
    const { activeElement } = document;
    const focused = this.#sheet.contains(activeElement) ? activeElement?.getAttribute("data-tab") : null;
    clearTimeout(this.#waiting);
    render(this.#sheet, head(details, tabs, tab, this.#state));
    this.#drawActs(details);
    this.#drawBody();
    const isStepping = isFirst && activeElement !== null && activeElement.matches(".step"); // who presses it presses it again
    if (isFirst && !isStepping) this.#body.focus();
    else if (!isFirst) this.#body.scrollTop = scroll;
    if (focused) /** @type {HTMLElement | null} */ (this.querySelector(`[role=tab][data-tab="${focused}"]`))?.focus();
  }

  #drawBody() {
    if (!this.#details || !this.#tab || !this.#markdown) return;
    const { markup, fields } = body(this.#tab, this.#details, (id) => this.#board.tasks.get(id), this.#state);
    const place = this.#body;
    render(place, markup);
    fields.fill(place, this.#markdown);
    for (const part of place.querySelectorAll("task-costs, task-work")) /** @type {TaskCosts | TaskWork} */ (part).costs = this.#costs;
    for (const part of place.querySelectorAll("task-graph")) /** @type {TaskGraph} */ (part).board = this.#board;
  }

  /** @param {Details} details */
  #drawActs(details) {
    const { id, path } = this.#shown ?? { id: details.task.id, path: null };
    const link = new URL(address({ task: id, path }), location.href).href;
    const place = one(this, ".detail-acts");
    if (place.dataset.shown === link) return;
    place.dataset.shown = link;
    render(place, acts(details, link));
  }

  #drawPlace() {
    if (this.#shown && this.isOpen) showPlace(this, this.#order ?? [], this.#shown);
  }

  /** @returns {TaskState | null} */
  get #state() {
    const record = this.#board.records.get(this.#details?.task.key ?? "");
    if (!record) return null;
    return { dependencies: this.#board.dependencyState(record.task), quiet: this.#board.quietSince(record), isStale: this.#board.isStale(record), here_at: record.here_at };
  }

  /** @param {TabName} name */
  #select(name) {
    this.#tab = name;
    /** @type {import("../../../ui/tabs.js").TabBar} */ (one(this, "tab-bar")).selected = name;
    this.#drawBody();
    this.#body.scrollTop = 0;
    this.#body.setAttribute("aria-labelledby", `tab-${name}`);
  }
}

/** Make the element known. */
export function register() {
  define("task-detail", TaskDetail);
}
