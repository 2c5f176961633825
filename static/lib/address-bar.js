/** Follows and writes the address bar: the present route as a signal. See router.js for what an address says. */
import { START, address, given, parse } from "./router.js";
import { atMostEvery, signal } from "./signals.js";
/** @import {Filters, Route, There} from "./types.js" */
/** @import {Values} from "./router.js" */

// Browsers allow about 6 changes of the address a second; a typist is faster.
const WRITE_EVERY_MS = 250;

export class Router {
  /** The present route. */
  route = signal(START);
  #names;
  #earlier;
  /** What is to be done when the history has gone back, null while it does not: it takes its time, and would undo what came before. @type {(() => void)[] | null} */
  #afterReturn = null;
  #write = atMostEvery(WRITE_EVERY_MS, () => this.#writeNow());

  /**
   * `names` are those of the pages, `earlier` those that they had, with their present ones.
   * @param {string[]} names
   * @param {Record<string, string>} [earlier]
   */
  constructor(names, earlier = {}) {
    this.#names = names;
    this.#earlier = earlier;
  }

  /** Follow the address bar, beginning with the address that the page was opened with. */
  start() {
    this.#read();
    addEventListener("popstate", () => this.#returned());
    addEventListener("hashchange", () => this.#read());
    addEventListener("click", (event) => this.#keepForReturn(event), true);
  }

  /**
   * Show a task; the back button returns. `isStep`: in place of the one that is shown, so that steps do not pile up.
   * @param {string} task
   * @param {string | null} [path]
   * @param {boolean} [isStep]
   */
  open(task, path = null, isStep = false) {
    if (this.#afterReturn) return void this.#afterReturn.push(() => this.open(task, path));
    if (isStep && this.route.peek().task !== null) return this.#replace({ task, path });
    this.#writeNow();
    this.#push({ ...this.route.peek(), task, path, there: null }, (history.state?.depth ?? 0) + 1);
  }

  /**
   * Show a thing of another host; the back button returns.
   * @param {There} there
   */
  openThere(there) {
    if (this.#afterReturn) return void this.#afterReturn.push(() => this.openThere(there));
    this.#writeNow();
    this.#push({ ...this.route.peek(), task: null, path: null, there }, (history.state?.depth ?? 0) + 1);
  }

  /**
   * Go to another page; the back button returns.
   * @param {string} page
   * @param {{item?: string | null, query?: Record<string, string>}} [where]
   */
  go(page, { item = null, query = {} } = {}) {
    if (this.#afterReturn) return void this.#afterReturn.push(() => this.go(page, { item, query }));
    this.#writeNow();
    this.#push({ ...START, page, item, query, filters: this.route.peek().filters }, 0);
  }

  /** Back to the page below: back in history as far as tasks and things of other hosts were opened here, so that steps do not pile up. */
  close() {
    const route = this.route.peek();
    if ((route.task === null && route.there === null) || this.#afterReturn) return;
    const depth = history.state?.depth ?? 0;
    if (depth > 0) {
      this.#afterReturn = [];
      return history.go(-depth);
    }
    this.route.value = { ...route, task: null, path: null, there: null };
    history.replaceState(null, "", address(this.route.peek()));
  }

  /**
   * Change filters of the board, without a step in the history.
   * @param {Filters} changes
   */
  setFilters(changes) {
    this.#replace({ filters: merged(this.route.peek().filters, changes) });
  }

  /**
   * Change parameters of a page that is not the board, without a step in the history.
   * @param {Values} changes
   */
  setQuery(changes) {
    this.#replace({ query: merged(this.route.peek().query, changes) });
  }

  /** @param {Partial<Route>} part */
  #replace(part) {
    this.route.value = { ...this.route.peek(), ...part };
    this.#write();
  }

  /**
   * @param {Route} route
   * @param {number} depth
   */
  #push(route, depth) {
    history.pushState({ depth }, "", address(route));
    this.route.value = route;
  }

  #returned() {
    const waiting = this.#afterReturn ?? [];
    this.#afterReturn = null;
    this.#read();
    for (const act of waiting) act();
  }

  /** A link that is followed while the history goes back is followed after it. @param {MouseEvent} event */
  #keepForReturn(event) {
    const link = event.target instanceof Element ? event.target.closest("a[href^='#']") : null;
    if (!link || !this.#afterReturn || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.#afterReturn.push(() => (location.hash = link.getAttribute("href") ?? ""));
  }

  #read() {
    const route = parse(location.hash, this.#names, this.route.peek(), this.#earlier);
    if (address(route) !== address(this.route.peek())) this.route.value = route;
  }

  #writeNow() {
    const wanted = address(this.route.peek());
    if (wanted !== location.hash) history.replaceState(history.state, "", wanted);
  }
}

/**
 * @param {Values} values
 * @param {Values} changes
 * @returns {Record<string, string>}
 */
function merged(values, changes) {
  return given({ ...values, ...changes });
}
