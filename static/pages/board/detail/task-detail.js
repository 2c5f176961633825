/**
 * One task in full, in a dialog. `show({id, path})` opens it, `show(null)` closes it; `refresh()` reads it again. Emits
 * `task-open {id, path}` and `task-close`.
 */
import { define, delegate, emit, one } from "../../../lib/dom.js";
import { clock } from "../../../lib/format.js";
import { atMostEvery } from "../../../lib/signals.js";
import { html, render } from "../../../lib/html.js";
import { loadMarkdown } from "../../../lib/markdown.js";
import { listenForCopy } from "../../../ui/copy-button.js";
import { body, failure, frame, head, tabsOf } from "./sheet.js";
import { listenForTasks } from "../../../ui/task-links.js";
/** @import {Costs} from "../../../stores/costs.js" */
/** @import {TaskCosts} from "./task-costs.js" */
/** @import {Details, LoadTask, LookUp, TabName} from "../types.js" */

const REFRESH_MS = 150;

export class TaskDetail extends HTMLElement {
  /** @type {LoadTask} */
  #loadTask = /** @type {any} */ (null);
  /** @type {LookUp} */
  #lookUp = /** @type {any} */ (null);
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
  #refresh = atMostEvery(REFRESH_MS, () => this.#load());

  connectedCallback() {
    render(this, frame());
    this.#dialog.addEventListener("close", () => this.#shown && emit(this, "task-close"));
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.#dialog.close());
    delegate(this, "click", ".close", () => this.#dialog.close());
    this.addEventListener("tab-choose", ({ detail: { name } }) => this.#select(/** @type {TabName} */ (name)));
    listenForCopy(this);
    listenForTasks(this);
  }

  /**
   * `loadTask(id, path, signal)` asks the service, `lookUp(id)` is the board's summary, `costs` the store of costs.
   * @param {{loadTask: LoadTask, lookUp: LookUp, costs: Costs}} sources
   */
  setUp({ loadTask, lookUp, costs }) {
    this.#loadTask = loadTask;
    this.#lookUp = lookUp;
    this.#costs = costs;
  }

  /**
   * Open the task, or close the dialog.
   * @param {{id: string, path: string | null} | null} wanted
   */
  show(wanted) {
    const same = wanted && this.#shown && wanted.id === this.#shown.id && wanted.path === this.#shown.path;
    if (same) return;
    this.#request?.abort();
    this.#shown = wanted;
    this.#details = this.#tab = null;
    if (wanted === null) return void (this.#dialog.open && this.#dialog.close());
    this.#notice("");
    render(this.#sheet, html`<p class="waiting" role="status">Loading…</p>`);
    if (!this.#dialog.open) this.#dialog.showModal();
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

  /** @returns {HTMLDialogElement} */
  get #dialog() {
    return one(this, "dialog");
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
    if (this.#details === null) return render(this.#sheet, failure(id, error));
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
    render(this.#sheet, head(details, tabs, tab));
    this.#drawBody();
    if (isFirst) this.#body.focus();
    else this.#body.scrollTop = scroll;
    if (focused) /** @type {HTMLElement | null} */ (this.querySelector(`[role=tab][data-tab="${focused}"]`))?.focus();
  }

  #drawBody() {
    if (!this.#details || !this.#tab || !this.#markdown) return;
    const { markup, fields } = body(this.#tab, this.#details, this.#lookUp);
    const place = this.#body;
    render(place, markup);
    fields.fill(place, this.#markdown);
    for (const part of place.querySelectorAll("task-costs")) /** @type {TaskCosts} */ (part).costs = this.#costs;
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
