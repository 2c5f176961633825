/** Views of the board by name, as this browser remembers them: what an address says, under a name. Pure but for `SavedViews`. */
import { remember, rememberedList } from "../lib/dom.js";
import { FILTERS } from "../lib/router.js";
/** @import {Filters} from "../lib/types.js" */
/** @typedef {{name: string, filters: Filters}} SavedView */

const PLACE = "views";
const MOST = 50;
const LONGEST = 60;

/**
 * What of a remembered list is a view. It may have been written by another release, or by hand.
 * @param {any[]} list
 * @returns {SavedView[]}
 */
export function viewsIn(list) {
  /** @type {SavedView[]} */
  const views = [];
  for (const each of list) {
    const name = cleanName(each?.name);
    if (!name || typeof each.filters !== "object" || each.filters === null || views.some((view) => view.name === name)) continue;
    views.push({ name, filters: knownFilters(each.filters) });
  }
  return views.slice(0, MOST);
}

/**
 * The views with one more, or with another content of that name; sorted by name. Without a name, as they are.
 * @param {SavedView[]} views
 * @param {string} name
 * @param {Filters} filters
 */
export function withView(views, name, filters) {
  const clean = cleanName(name);
  if (!clean) return views;
  const others = withoutView(views, clean);
  return [...others.slice(0, MOST - 1), { name: clean, filters: knownFilters(filters) }].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * @param {SavedView[]} views
 * @param {string} name
 */
export function withoutView(views, name) {
  return views.filter((view) => view.name !== name);
}

/**
 * True if both show the same.
 * @param {Filters} a
 * @param {Filters} b
 */
export function isSameView(a, b) {
  return FILTERS.every((name) => (a[name] ?? "") === (b[name] ?? ""));
}

/**
 * The changes that lead from any view to this one.
 * @param {Filters} filters
 * @returns {Filters}
 */
export function changesTo(filters) {
  return Object.fromEntries(FILTERS.map((name) => [name, filters[name] ?? ""]));
}

/** The views of this browser. Other tabs may change them, so they are read each time. */
export class SavedViews {
  /** All of them, by name. */
  get all() {
    return viewsIn(rememberedList(PLACE));
  }

  /**
   * @param {string} name
   * @param {Filters} filters
   */
  save(name, filters) {
    this.#store(withView(this.all, name, filters));
  }

  /** @param {string} name */
  remove(name) {
    this.#store(withoutView(this.all, name));
  }

  /** @param {SavedView[]} views */
  #store(views) {
    remember(PLACE, JSON.stringify(views));
  }
}

/** @param {unknown} name */
function cleanName(name) {
  return typeof name === "string" ? name.replace(/\s+/g, " ").trim().slice(0, LONGEST) : "";
}

/**
 * @param {Record<string, unknown>} filters
 * @returns {Filters}
 */
function knownFilters(filters) {
  return Object.fromEntries(FILTERS.filter((name) => typeof filters[name] === "string" && filters[name]).map((name) => [name, String(filters[name])]));
}
