/**
 * The top bar: product, workspace, pages, connection, and the switches of the window. Emits `activity-toggle`, `help-open`,
 * `palette-open` and `theme-next`.
 */
import { define, delegate, emit, one } from "../lib/dom.js";
import { sentenceCase } from "../lib/format.js";
import { html, icon, render } from "../lib/html.js";
import { address } from "../lib/router.js";
import { themeAfter } from "../lib/theme.js";
import { PALETTE_KEY } from "./bindings.js";
/** @import {Page, PageMark, Route, Theme} from "../lib/types.js" */

const MOST_COUNTED = 99;
const THEME_ICONS = { auto: "system", light: "sun", dark: "moon" };

export class TopBar extends HTMLElement {
  connectedCallback() {
    render(this, frame());
    delegate(this, "click", ".theme", () => emit(this, "theme-next"));
    delegate(this, "click", ".activity", () => emit(this, "activity-toggle"));
    delegate(this, "click", ".help", () => emit(this, "help-open"));
    delegate(this, "click", ".find", () => emit(this, "palette-open"));
  }

  /**
   * Path of the workspace that is watched.
   * @param {string} path
   */
  set workspace(path) {
    const name =
      path
        .replace(/[\\/]+$/, "")
        .split(/[\\/]/)
        .at(-1) || path;
    const shown = one(this, ".workspace");
    shown.textContent = name;
    shown.title = path;
  }

  /** @param {Theme} theme */
  set theme(theme) {
    const label = `Theme: ${theme}${theme === "auto" ? " (as the system)" : ""}. Change to ${themeAfter(theme)} (t)`;
    const button = one(this, ".theme");
    button.dataset.theme = theme;
    button.title = label;
    button.setAttribute("aria-label", label);
    render(button, html`${icon(THEME_ICONS[theme])}<span class="button-text">${sentenceCase(theme)}</span>`);
  }

  /**
   * Whether the activity panel is shown.
   * @param {boolean} isOpen
   */
  set activityOpen(isOpen) {
    one(this, ".activity").setAttribute("aria-pressed", String(isOpen));
  }
}

/** The pages, one of which is current. A page may carry a mark. */
export class PageNav extends HTMLElement {
  /** @param {Page[]} pages */
  set pages(pages) {
    render(this, navigation(pages));
  }

  /**
   * Show the route: its page is current, and each entry leads back to what was shown there.
   * @param {Route} route
   */
  set route(route) {
    for (const link of this.querySelectorAll("a")) {
      const isCurrent = link.dataset.leadsTo === route.page;
      const wasCurrent = link.hasAttribute("aria-current");
      if (isCurrent) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
      if (isCurrent && !wasCurrent) link.scrollIntoView({ block: "nearest", inline: "center" }); // narrow windows show some pages only
      if (isCurrent || link.dataset.leadsTo === "board") {
        link.href = address({ ...route, page: link.dataset.leadsTo, task: null });
      }
    }
  }

  /**
   * Point out that something on a page needs attention; null takes the mark away.
   * @param {string} name
   * @param {PageMark | null} sign
   */
  mark(name, sign) {
    const mark = /** @type {HTMLElement | null} */ (this.querySelector(`a[data-leads-to="${CSS.escape(name)}"] .nav-mark`));
    if (!mark) return;
    mark.hidden = sign === null;
    mark.dataset.tone = sign?.tone ?? "";
    mark.title = sign?.label ?? "";
    mark.toggleAttribute("data-counts", sign?.count !== undefined);
    render(mark, html`${sign?.count === undefined ? null : html`<span aria-hidden="true">${sign.count > MOST_COUNTED ? `${MOST_COUNTED}+` : sign.count}</span>`}${sign ? html`<span class="off-screen">${sign.label}</span>` : null}`);
  }
}

/** Make the elements known. */
export function register() {
  define("page-nav", PageNav);
  define("top-bar", TopBar);
}

function frame() {
  return html`<a class="brand" href="#/" aria-label="llm-service, to the first page">
      <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
        <rect x="2" y="3" width="5.4" height="18" rx="1.8"></rect><rect x="9.3" y="3" width="5.4" height="12" rx="1.8"></rect><rect x="16.6" y="3" width="5.4" height="7" rx="1.8"></rect>
      </svg>
      <h1>llm-service</h1>
    </a>
    <page-nav></page-nav>
    <span class="spacer"></span>
    <span class="workspace" data-testid="workspace"></span>
    <connection-badge></connection-badge>
    <button type="button" class="button icon-button find" data-testid="palette-button" title="Find anything (${PALETTE_KEY})" aria-label="Find anything">${icon("search")}</button>
    <button type="button" class="button icon-button activity" data-testid="activity-toggle" aria-pressed="false" title="Activity (a)">${icon("activity")}<span class="button-text">Activity</span></button>
    <button type="button" class="button icon-button theme" data-testid="theme-toggle"></button>
    <button type="button" class="button icon-button help" data-testid="help-button" title="Keyboard help (?)" aria-label="Keyboard help">${icon("help")}</button>`;
}

/** @param {Page[]} pages */
function navigation(pages) {
  return html`<nav aria-label="Pages">
    ${pages.map(
      ({ name, label, key }) =>
        html`<a href="#/${name}" data-leads-to="${name}" data-testid="nav-${name}" title="${label} (${key})">${label}<span class="nav-mark" hidden></span></a>`,
    )}
  </nav>`;
}
