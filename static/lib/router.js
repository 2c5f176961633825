/**
 * The address is the state that can be shared: `#/board?q=..&agent=..`, `#/tasks/<id>?path=..&agent=..`, and for every
 * other page `#/<page>/<item>?..`.
 *
 * A route is `{page, item: text|null, query: {...}, task: id|null, path: text|null, filters: {...}}`. A task is shown over the
 * page on which it was opened. `filters` are the board's and stay whatever is opened; `query` and `item` belong to the other
 * pages.
 */
import { atMostEvery, signal } from "./signals.js";
/** @import {Filters, Route} from "./types.js" */
/** @typedef {Record<string, string | null | undefined>} Values */

/** @type {(keyof Filters)[]} */
export const FILTERS = ["q", "agent", "priority", "status", "tag", "flag", "sort", "group"];

// Browsers allow about 6 changes of the address a second; a typist is faster.
const WRITE_EVERY_MS = 250;

/**
 * The route of an empty address.
 * @type {Route}
 */
export const START = { page: "board", item: null, query: {}, task: null, path: null, filters: {} };

/**
 * The route of an address, coming from the route `before`. What is none of the pages of these names is the board.
 * @param {string} hash
 * @param {string[]} names
 * @returns {Route}
 */
export function parse(hash, names, before = START) {
  const [where, search] = hash.replace(/^#/, "").split(/\?(.*)/s);
  const parameters = new URLSearchParams(search ?? "");
  const [, name, item] = /^\/([^/]*)(?:\/(.+))?$/s.exec(where) ?? [];
  if (name === "tasks" && item) {
    const task = decoded(item);
    return { ...before, task, path: parameters.get("path"), filters: filtersIn(parameters) };
  }
  if (name === "board" || !names.includes(name)) return { ...START, filters: filtersIn(parameters) };
  const query = Object.fromEntries([...parameters].filter(([, value]) => value));
  return { ...START, page: name, item: item ? decoded(item) : null, query, filters: before.filters };
}

/**
 * The address of a route.
 * @param {Partial<Omit<Route, "query">> & {query?: Values}} route
 */
export function address({ page = "board", item = null, query = {}, task = null, path = null, filters = {} }) {
  if (task !== null) return join(`/tasks/${encodeURIComponent(task)}`, { path, ...known(filters) });
  if (page === "board") return join("/board", known(filters));
  return join(`/${page}${item === null ? "" : `/${encodeURIComponent(item)}`}`, query);
}

export class Router {
  /** The present route. */
  route = signal(START);
  #names;
  #write = atMostEvery(WRITE_EVERY_MS, () => this.#writeNow());

  /**
   * `names` are those of the pages.
   * @param {string[]} names
   */
  constructor(names) {
    this.#names = names;
  }

  /** Follow the address bar, beginning with the address that the page was opened with. */
  start() {
    this.#read();
    addEventListener("popstate", () => this.#read());
    addEventListener("hashchange", () => this.#read());
  }

  /**
   * Show a task; the back button returns.
   * @param {string} task
   * @param {string | null} [path]
   */
  open(task, path = null) {
    this.#writeNow();
    this.#push({ ...this.route.peek(), task, path }, (history.state?.depth ?? 0) + 1);
  }

  /**
   * Go to another page; the back button returns.
   * @param {string} page
   * @param {{item?: string | null, query?: Record<string, string>}} [where]
   */
  go(page, { item = null, query = {} } = {}) {
    this.#writeNow();
    this.#push({ ...START, page, item, query, filters: this.route.peek().filters }, 0);
  }

  /** Back to the page below: back in history as far as tasks were opened here, so that steps do not pile up. */
  close() {
    const route = this.route.peek();
    if (route.task === null) return;
    const depth = history.state?.depth ?? 0;
    if (depth > 0) return history.go(-depth);
    this.route.value = { ...route, task: null, path: null };
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

  #read() {
    const route = parse(location.hash, this.#names, this.route.peek());
    if (address(route) !== address(this.route.peek())) this.route.value = route;
  }

  #writeNow() {
    const wanted = address(this.route.peek());
    if (wanted !== location.hash) history.replaceState(history.state, "", wanted);
  }
}

/** @param {URLSearchParams} parameters */
function filtersIn(parameters) {
  return known(Object.fromEntries(parameters));
}

/**
 * @param {Filters} filters
 * @returns {Filters}
 */
function known(filters) {
  return Object.fromEntries(FILTERS.filter((name) => filters[name]).map((name) => [name, filters[name]]));
}

/**
 * @param {Values} values
 * @param {Values} changes
 * @returns {Record<string, string>}
 */
function merged(values, changes) {
  return given({ ...values, ...changes });
}

/**
 * @param {string} where
 * @param {Values} values
 */
function join(where, values) {
  const query = new URLSearchParams(given(values)).toString();
  return `#${where}${query ? `?${query}` : ""}`;
}

/** @param {Values} values */
function given(values) {
  return /** @type {Record<string, string>} */ (Object.fromEntries(Object.entries(values).filter(([, value]) => value)));
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
