/**
 * The address is the state that can be shared: `#/board?q=..&agent=..` or `#/tasks/<id>?path=..&agent=..`.
 * A route is `{task: id|null, path: text|null, filters: {...}}`; filters survive opening and closing a task.
 */
import { atMostEvery } from "./frame.js";

export const FILTERS = ["q", "agent", "priority", "status", "tag", "flag", "sort", "group"];

// Browsers allow about 6 changes of the address a second; a typist is faster.
const WRITE_EVERY_MS = 250;

/** The route an address stands for. Unknown addresses are the board. */
export function parse(hash) {
  const [place, query] = hash.replace(/^#/, "").split(/\?(.*)/s);
  const parameters = new URLSearchParams(query ?? "");
  const filters = {};
  for (const name of FILTERS) {
    const value = parameters.get(name);
    if (value) filters[name] = value;
  }
  const named = /^\/tasks\/(.+)$/s.exec(place);
  return { task: named ? decoded(named[1]) : null, path: named ? parameters.get("path") : null, filters };
}

/** The address of a route. */
export function address({ task = null, path = null, filters = {} }) {
  const parameters = new URLSearchParams();
  if (task !== null && path) parameters.set("path", path);
  for (const name of FILTERS) if (filters[name]) parameters.set(name, filters[name]);
  const query = parameters.toString();
  return `#${task === null ? "/board" : `/tasks/${encodeURIComponent(task)}`}${query ? `?${query}` : ""}`;
}

/** Joins the address bar and a signal that holds the route. */
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
    const route = { task, path, filters: this.#route.peek().filters };
    history.pushState({ depth: (history.state?.depth ?? 0) + 1 }, "", address(route));
    this.#route.value = route;
  }

  /** Back to the board: back in history as far as it was left here, so that steps do not pile up. */
  close() {
    const { task, filters } = this.#route.peek();
    if (task === null) return;
    const depth = history.state?.depth ?? 0;
    if (depth > 0) return history.go(-depth);
    this.#route.value = { task: null, path: null, filters };
    history.replaceState(null, "", address(this.#route.peek()));
  }

  /** Take other filters, without a step in the history. */
  filter(changes) {
    const filters = { ...this.#route.peek().filters, ...changes };
    for (const name of Object.keys(filters)) if (!filters[name]) delete filters[name];
    this.#route.value = { ...this.#route.peek(), filters };
    this.#write();
  }

  #read() {
    const route = parse(location.hash);
    if (address(route) !== (this.#route.peek() && address(this.#route.peek()))) this.#route.value = route;
  }

  #writeNow() {
    const wanted = address(this.#route.peek());
    if (wanted !== location.hash) history.replaceState(history.state, "", wanted);
  }
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
