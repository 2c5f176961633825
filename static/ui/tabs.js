/** A row of tabs: `tab-bar`. One is selected and takes part in the Tab order, arrows lead to the others. Emits `tab-choose {name}`. */
import { define, delegate, emit } from "../lib/dom.js";
import { html } from "../lib/html.js";
/** @typedef {{name: string, label: string}} Tab */

export class TabBar extends HTMLElement {
  connectedCallback() {
    this.setAttribute("role", "tablist");
    delegate(this, "click", "[role=tab]", (_, tab) => this.#choose(tab));
    delegate(this, "keydown", "[role=tab]", (event) => {
      const tab = this.#tabFor(event.key);
      if (!tab) return;
      event.preventDefault();
      tab.focus();
      this.#choose(tab);
    });
  }

  /**
   * The name of the tab that is selected.
   * @param {string} name
   */
  set selected(name) {
    for (const tab of this.#tabs) {
      const isSelected = tab.dataset.tab === name;
      if (isSelected && tab.getAttribute("aria-selected") !== "true") requestAnimationFrame(() => this.#bringIntoView(tab));
      tab.setAttribute("aria-selected", String(isSelected));
      tab.tabIndex = isSelected ? 0 : -1;
    }
  }

  /** Where the bar is too narrow for all: sideways only, so that the page stays where it is. @param {HTMLElement} tab */
  #bringIntoView(tab) {
    const [bar, place] = [this, tab].map((element) => element.getBoundingClientRect());
    this.scrollLeft += Math.max(0, place.right - bar.right) || Math.min(0, place.left - bar.left);
  }

  /** @param {HTMLElement} tab */
  #choose(tab) {
    emit(this, "tab-choose", { name: tab.dataset.tab });
  }

  /**
   * The tab to which a pressed key leads; undefined for keys that lead nowhere.
   * @param {string} key
   * @returns {HTMLElement | undefined}
   */
  #tabFor(key) {
    const tabs = this.#tabs;
    const selected = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
    const step = key === "ArrowLeft" ? -1 : key === "ArrowRight" ? 1 : 0;
    if (step) return tabs.at((selected + step) % tabs.length);
    return key === "Home" ? tabs[0] : key === "End" ? tabs.at(-1) : undefined;
  }

  get #tabs() {
    return /** @type {HTMLElement[]} */ ([...this.querySelectorAll("[role=tab]")]);
  }
}

/**
 * The bar as markup. `prefix` is how the ids of its tabs begin, `panel` the id of what shows their content.
 * @param {{label: string, tabs: Tab[], prefix: string, panel: string, selected?: string}} bar
 */
export function tabBar({ label, tabs, prefix, panel, selected }) {
  define("tab-bar", TabBar);
  return html`<tab-bar class="tabs" aria-label="${label}">${tabs.map(
    ({ name, label: text }) =>
      html`<button type="button" role="tab" id="${prefix}-${name}" data-tab="${name}" data-testid="${prefix}-${name}" aria-controls="${panel}" aria-selected="${name === selected}" tabindex="${name === selected ? 0 : -1}">${text}</button>`,
  )}</tab-bar>`;
}
