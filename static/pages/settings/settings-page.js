/** The page of what the dashboard says about itself, in four tabs. Each asks the service when it is shown. */
import { define, emit, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { returns } from "../../lib/lazy.js";
import { effect } from "../../lib/signals.js";
import { listenForCopy } from "../../ui/copy-button.js";
import { tabBar } from "../../ui/tabs.js";
import * as aboutView from "./about-view.js";
import { follow } from "./done.js";
import * as notifyView from "./notify-view.js";
import * as settingList from "./setting-list.js";
import * as systemView from "./system-view.js";
/** @import {Dashboard, Route} from "../../lib/types.js" */

export const tag = "settings-page";

const TABS = [
  { name: "settings", label: "Settings" },
  { name: "notifications", label: "Notifications" },
  { name: "system", label: "System" },
  { name: "about", label: "About" },
];
const VIEWS = [settingList, notifyView, systemView, aboutView];

/** The element of a tab. @typedef {HTMLElement & {show: (query: Record<string, string>) => void, hide: () => void}} View */

export class SettingsPage extends HTMLElement {
  /** The route while the page is shown. @type {Pick<Route, "item" | "query"> | null} */
  #route = null;

  /** @param {Dashboard} dashboard */
  setUp({ stores }) {
    follow(stores); // who switches it on here is told of what is done from then on
    render(this, frame());
    listenForCopy(this);
    this.addEventListener("tab-choose", (event) => {
      const { name } = /** @type {CustomEvent<{name: string}>} */ (event).detail;
      emit(this, "page-open", { page: "settings", item: name === "settings" ? null : name });
    });
    effect(() => {
      if (returns.value > 0) this.#show();
    });
  }

  /** @param {Route} route */
  show({ item, query }) {
    this.#route = { item, query };
    this.#show();
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.#route = null;
    for (const { tag: name } of VIEWS) /** @type {View} */ (one(this, name)).hide();
  }

  #show() {
    if (this.#route === null) return;
    const { item, query } = this.#route;
    const at = Math.max(0, TABS.findIndex(({ name }) => name === item));
    /** @type {import("../../ui/tabs.js").TabBar} */ (one(this, "tab-bar")).selected = TABS[at].name;
    one(this, "#settings-panel").setAttribute("aria-labelledby", `settings-tab-${TABS[at].name}`);
    for (const [index, { tag: name }] of VIEWS.entries()) {
      const view = /** @type {View} */ (one(this, name));
      view.hidden = index !== at;
      if (index === at) view.show(query);
      else view.hide();
    }
  }
}

/** Make the elements of the page known. */
export function register() {
  for (const part of VIEWS) part.register();
  define(tag, SettingsPage);
}

function frame() {
  return html`<div class="settings">
    <h2 class="off-screen">Settings and system</h2>
    ${tabBar({ label: "Settings and system", tabs: TABS, prefix: "settings-tab", panel: "settings-panel", selected: "settings" })}
    <div id="settings-panel" role="tabpanel" tabindex="-1"><setting-list></setting-list><notify-view hidden></notify-view><system-view hidden></system-view><about-view hidden></about-view></div>
  </div>`;
}
