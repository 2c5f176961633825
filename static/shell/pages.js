/** Loads the pages when they are opened, and shows the one of the route. */
import { loadStyle } from "../lib/dom.js";
import { element, html, render } from "../lib/html.js";
import { NotLoaded } from "../lib/lazy.js";
import { START } from "../lib/router.js";
import { state } from "../ui/state.js";
import { Store } from "../stores/stores.js";
/** @import {Dashboard, Markup, Page, PageElement, Route} from "../lib/types.js" */

export class Pages {
  #pages;
  #dashboard;
  #main;
  #head;
  #note = element(html`<div class="page-note" hidden></div>`);
  /** @type {Map<string, Promise<void>>} */
  #opening = new Map(); // by name, from when it was first opened
  /** @type {Map<string, PageElement>} */
  #there = new Map(); // by name, when it is loaded
  /** @type {Route} */
  #route = START;

  /**
   * `pages` is the list of pages/index.js, `dashboard` what they are given; `main` is where their elements go, `head` the
   * header of the window, whose second place is for what a page has to show there.
   * @param {Page[]} pages
   * @param {Dashboard} dashboard
   * @param {{main: HTMLElement, head: HTMLElement}} places
   */
  constructor(pages, dashboard, { main, head }) {
    this.#pages = pages;
    this.#dashboard = dashboard;
    this.#main = main;
    this.#head = head;
    main.append(this.#note);
  }

  /**
   * Show the page of a route; fulfilled when it is there, or could not be loaded.
   * @param {Route} route
   */
  async show(route) {
    this.#route = route;
    const places = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-page]"));
    for (const place of places) place.hidden = place.dataset.page !== route.page;
    for (const [name, page] of this.#there) if (name !== route.page) page.hide?.();
    const wanted = /** @type {Page} */ (this.#pages.find(({ name }) => name === route.page));
    if (!this.#there.has(wanted.name)) this.#say(state({ isWaiting: true, name: "page-loading", text: `Loading ${wanted.label}…` }));
    try {
      await this.#open(wanted);
    } catch (error) {
      if (!(error instanceof NotLoaded)) reportError(error);
      // Meanwhile the user may have gone elsewhere.
      if (this.#route.page === wanted.name) this.#say(notLoaded(wanted.label, /** @type {Error} */ (error)));
      return;
    }
    if (this.#route.page !== wanted.name) return;
    this.#say(null);
    this.#there.get(wanted.name)?.show(this.#route);
  }

  /** The service can be reached again: load what could not be loaded. */
  retry() {
    if (this.#route !== START && !this.#there.has(this.#route.page)) this.show(this.#route);
  }

  /** @param {Page} page */
  #open(page) {
    let opening = this.#opening.get(page.name);
    if (!opening) {
      opening = this.#load(page).catch((error) => {
        this.#opening.delete(page.name); // the next visit tries again
        throw error;
      });
      this.#opening.set(page.name, opening);
    }
    return opening;
  }

  /** @param {Page} page */
  async #load({ name, topics, styles, load }) {
    const [{ register, tag }] = await Promise.all([load(this.#dashboard), ...styles.map(loadStyle)]);
    const { stores } = this.#dashboard;
    for (const topic of topics) if (!stores.get(topic)) stores.register(new Store(topic)).catch(reportError);
    register();
    const page = /** @type {PageElement} */ (document.createElement(tag));
    this.#place(page, name);
    page.setUp(this.#dashboard);
    this.#there.set(name, page);
  }

  /**
   * Show what stands for a page that is not there; null: it is.
   * @param {Markup | null} markup
   */
  #say(markup) {
    this.#note.hidden = markup === null;
    if (markup) render(this.#note, markup);
  }

  /**
   * @param {PageElement} page
   * @param {string} name
   */
  #place(page, name) {
    page.classList.add("page");
    for (const [part, into] of /** @type {const} */ ([[page, this.#main], [page.head, this.#head]])) {
      if (!part) continue;
      part.dataset.page = name;
      part.hidden = this.#route.page !== name;
      if (into === this.#head) into.insertBefore(part, into.children[1]);
      else into.append(part);
    }
  }
}

/**
 * @param {string} label
 * @param {Error} error
 */
function notLoaded(label, { message }) {
  const text = `${message} It is tried again when the connection is back, and when you come back to this page.`;
  return state({ name: "page-failed", sign: "alert", isAlert: true, title: `${label} cannot be shown`, text });
}
