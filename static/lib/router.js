/**
 * The address is the state that can be shared: `#/board?q=..&agent=..`, `#/tasks/<id>?path=..&agent=..`, and for every
 * other page `#/<place>/<rest>?..`.
 *
 * A route is `{place, rest: text|null, query: {...}, task: id|null, path: text|null, filters: {...}}`. A task is shown over
 * the page on which it was opened. `filters` are the board's and survive whatever is opened; `query` and `rest` belong to
 * the other pages.
 */
import { atMostEvery } from "./schedule.js";
import { placeNamed } from "../pages/index.js";

export const FILTERS = ["q", "agent", "priority", "status", "tag", "flag", "sort", "group"];

// Browsers allow about 6 changes of the address a second; a typist is faster.
const WRITE_EVERY_MS = 250;

/** The route of an address without a word. */
export const START = { place: "board", rest: null, query: {}, task: null, path: null, filters: {} };

/** The route an address stands for, coming from the route `before`. Unknown addresses are the board. */
export function parse(hash, before = START) {
  const [where, search] = hash.replace(/^#/, "").split(/\?(.*)/s);
  const parameters = new URLSearchParams(search ?? "");
  const [, name, rest] = /^\/([^/]*)(?:\/(.+))?$/s.exec(where) ?? [];
  if (name === "tasks" && rest) {
    const task = decoded(rest);
    return { ...before, task, path: parameters.get("path"), filters: filtersIn(parameters) };
  }
  if (name === "board" || !placeNamed(name)) return { ...START, filters: filtersIn(parameters) };
  const query = Object.fromEntries([...parameters].filter(([, value]) => value));
  return { ...START, place: name, rest: rest ? decoded(rest) : null, query, filters: before.filters };
}

/** The address of a route. */
export function address({ place = "board", rest = null, query = {}, task = null, path = null, filters = {} }) {
  if (task !== null) return join(`/tasks/${encodeURIComponent(task)}`, { path, ...known(filters) });
  if (place === "board") return join("/board", known(filters));
  return join(`/${place}${rest === null ? "" : `/${encodeURIComponent(rest)}`}`, query);
}

/** Joins the address bar and a signal that holds the route, `START` at first. */
export class Router {
  #route;
  #write = atMostEvery(WRITE_EVERY_MS, () => this.#writeNow());

  constructor(route) {
    this.#route = route;
  }

  /** Begin to follow; reads the address that the page was opened with. */
  start() {
    this.#read();
    addEventListener("popstate", () => this.#read());
    addEventListener("hashchange", () => this.#read());
  }

  /** Show a task; the back button returns. */
  open(task, path = null) {
    this.#writeNow();
    this.#push({ ...this.#route.peek(), task, path }, (history.state?.depth ?? 0) + 1);
  }

  /** Go to another page; the back button returns. */
  go(place, { rest = null, query = {} } = {}) {
    this.#writeNow();
    this.#push({ ...START, place, rest, query, filters: this.#route.peek().filters }, 0);
  }

  /** Back to the page below: back in history as far as it was left here, so that steps do not pile up. */
  close() {
    const route = this.#route.peek();
    if (route.task === null) return;
    const depth = history.state?.depth ?? 0;
    if (depth > 0) return history.go(-depth);
    this.#route.value = { ...route, task: null, path: null };
    history.replaceState(null, "", address(this.#route.peek()));
  }

  /** Take other filters of the board, without a step in the history. */
  filter(changes) {
    this.#replace({ filters: merged(this.#route.peek().filters, changes) });
  }

  /** Take other parameters of the page that is not the board, without a step in the history. */
  ask(changes) {
    this.#replace({ query: merged(this.#route.peek().query, changes) });
  }

  #replace(part) {
    this.#route.value = { ...this.#route.peek(), ...part };
    this.#write();
  }

  #push(route, depth) {
    history.pushState({ depth }, "", address(route));
    this.#route.value = route;
  }

  #read() {
    const route = parse(location.hash, this.#route.peek());
    if (address(route) !== address(this.#route.peek())) this.#route.value = route;
  }

  #writeNow() {
    const wanted = address(this.#route.peek());
    if (wanted !== location.hash) history.replaceState(history.state, "", wanted);
  }
}

function filtersIn(parameters) {
  return known(Object.fromEntries(parameters));
}

function known(filters) {
  return Object.fromEntries(FILTERS.filter((name) => filters[name]).map((name) => [name, filters[name]]));
}

function merged(values, changes) {
  return Object.fromEntries(Object.entries({ ...values, ...changes }).filter(([, value]) => value));
}

function join(where, values) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value)).toString();
  return `#${where}${query ? `?${query}` : ""}`;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
