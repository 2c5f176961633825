/**
 * The address is the state that can be shared: `#/board?q=..&agent=..`, `#/tasks/<id>?path=..&agent=..`, and for every
 * other page `#/<page>/<item>?..`.
 *
 * A route is `{page, item: text|null, query: {...}, task: id|null, path: text|null, there: {observer, kind, id, path}|null,
 * filters: {...}}`. A task, and a thing of another host (`there`, `#/host/<observer>/<kind>/<id>`), is shown over the
 * page on which it was opened. `filters` are the board's and stay whatever is opened; `query` and `item` belong to the other
 * pages. An empty address is the first page.
 */
/** @import {Filters, Route, There} from "./types.js" */
/** @typedef {Record<string, string | null | undefined>} Values */

/** @type {(keyof Filters)[]} */
export const FILTERS = ["q", "host", "agent", "priority", "status", "tag", "flag", "sort", "group", "shut", "lanes", "hide", "fold", "density"];

/**
 * The board, as it is without filters.
 * @type {Route}
 */
export const START = { page: "board", item: null, query: {}, task: null, path: null, there: null, filters: {} };

/**
 * The route of an address, coming from the route `before`. An empty one is the first of the pages of these names, what is none
 * of them the board. `earlier` are names that pages had, with their present ones.
 * @param {string} hash
 * @param {string[]} names
 * @param {Route} before
 * @param {Record<string, string>} earlier
 * @returns {Route}
 */
export function parse(hash, names, before = START, earlier = {}) {
  const [where, search] = hash.replace(/^#/, "").split(/\?(.*)/s);
  const parameters = new URLSearchParams(search ?? "");
  const [, said, item] = /^\/([^/]*)(?:\/(.+))?$/s.exec(where) ?? [];
  const name = said ? (Object.hasOwn(earlier, said) ? earlier[said] : said) : names[0];
  if (name === "tasks" && item) {
    const task = decoded(item);
    return { ...before, task, path: parameters.get("path"), there: null, filters: filtersIn(parameters) };
  }
  const there = name === "host" && item ? thereIn(item, parameters.get("path")) : null;
  if (there) return { ...before, task: null, path: null, there, filters: filtersIn(parameters) };
  if (name === "board" || !names.includes(name)) return { ...START, filters: filtersIn(parameters) };
  const query = Object.fromEntries([...parameters].filter(([, value]) => value));
  return { ...START, page: name, item: item ? decoded(item) : null, query, filters: before.filters };
}

/**
 * The address of a route.
 * @param {Partial<Omit<Route, "query">> & {query?: Values}} route
 */
export function address({ page = "board", item = null, query = {}, task = null, path = null, there = null, filters = {} }) {
  if (task !== null) return join(`/tasks/${encodeURIComponent(task)}`, { path, ...known(filters) });
  if (there !== null) return join(`/host/${[there.observer, there.kind, there.id].map(encodeURIComponent).join("/")}`, { path: there.path, ...known(filters) });
  if (page === "board") return join("/board", known(filters));
  return join(`/${page}${item === null ? "" : `/${encodeURIComponent(item)}`}`, query);
}

/**
 * The thing of another host that an address names; null if it names none.
 * @param {string} item
 * @param {string | null} path
 * @returns {There | null}
 */
function thereIn(item, path) {
  const [observer, kind, id, ...rest] = item.split("/").map(decoded);
  return /^[0-9a-f]{16}$/.test(observer) && kind && id && rest.length === 0 ? { observer, kind, id, path } : null;
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
 * @param {string} where
 * @param {Values} values
 */
function join(where, values) {
  const query = new URLSearchParams(given(values)).toString();
  return `#${where}${query ? `?${query}` : ""}`;
}

/**
 * Those values that are there.
 * @param {Values} values
 */
export function given(values) {
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
