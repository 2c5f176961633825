/** Loads the pages when they are opened, and shows the one of the route. */
import { loadStyle } from "../lib/dom.js";
import { element } from "../lib/html.js";
import { START } from "../lib/router.js";
import { state } from "../ui/state.js";
import { Store } from "../stores/stores.js";
/** @import {Dashboard, Page, PageElement, Route} from "../lib/types.js" */

export class Pages {
  #pages;
  #dashboard;
  #main;
  #head;
  /** @type {Map<string, Promise<PageElement>>} */
  #opened = new Map(); // by name, from when it was first opened
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
  }

  /**
   * Show the page of a route; fulfilled when it is there.
   * @param {Route} route
   */
  async show(route) {
    this.#route = route;
    const places = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-page]"));
    for (const place of places) place.hidden = place.dataset.page !== route.page;
    for (const [name, opening] of this.#opened) {
      if (name !== route.page) opening.then((page) => this.#route.page !== name && page.hide?.());
    }
    const page = await this.#open(route.page);
    // Meanwhile the user may have gone elsewhere.
    if (this.#route.page === route.page) page.show(this.#route);
  }

  /** @param {string} name */
  #open(name) {
    let opening = this.#opened.get(name);
    if (!opening) {
      opening = this.#load(/** @type {Page} */ (this.#pages.find((page) => page.name === name)));
      this.#opened.set(name, opening);
    }
    return opening;
  }

  /** @param {Page} page */
  async #load({ name, label, topics, styles, load }) {
    try {
      const [{ register, tag }] = await Promise.all([load(this.#dashboard), ...styles.map(loadStyle)]);
      const { stores } = this.#dashboard;
      for (const topic of topics) if (!stores.get(topic)) stores.register(new Store(topic)).catch(reportError);
      register();
      const page = /** @type {PageElement} */ (document.createElement(tag));
      this.#place(page, name);
      page.setUp(this.#dashboard);
      return page;
    } catch (error) {
      reportError(error);
      this.#opened.delete(name); // the next opening tries again
      return this.#failed(name, label);
    }
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

  /**
   * @param {string} name
   * @param {string} label
   */
  #failed(name, label) {
    const page = /** @type {PageElement} */ (element(state({ isAlert: true, title: `${label} cannot be loaded`, text: "Is the service running? Reload this window to try again." })));
    page.show = () => {};
    page.hide = () => page.remove();
    this.#place(page, name);
    return page;
  }
}
