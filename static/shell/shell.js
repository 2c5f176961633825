/** The frame around the pages: what the user asks of it by events and keys, theme, activity, messages, help. */
import { emit, one, remember, remembered } from "../lib/dom.js";
import { visible } from "../lib/hidden.js";
import { fileName } from "../lib/format.js";
import { render } from "../lib/html.js";
import { lazily, returns } from "../lib/lazy.js";
import { setTheme, storedTheme, themeAfter } from "../lib/theme.js";
import { state } from "../ui/state.js";
import { afterFrame, effect, signal, whenIdle } from "../lib/signals.js";
import { bind, bindingsOf, typedAhead } from "./bindings.js";
import * as connectionBadge from "./connection-badge.js";
import { Pages } from "./pages.js";
import { markIcon, titleOf } from "./title.js";
import * as topBar from "./top-bar.js";
/** @import {Dashboard, Filters, Health, Page} from "../lib/types.js" */

/**
 * @typedef {object} ShellOptions
 * @property {Page[]} pages
 * @property {import("../lib/address-bar.js").Router} router
 * @property {() => Promise<Health>} loadHealth
 * @property {() => Promise<import("../lib/types.js").Me>} loadMe
 * @property {import("./activity-feed.js").LoadEvents} loadEvents
 * @property {Dashboard} dashboard
 */

const loadNotices = lazily(() => import("./notices.js"), import.meta.resolve("./notices.js"));
const ACTIVITY = import.meta.resolve("./activity-feed.js");
const loadHelp = lazily(() => import("./help-dialog.js"), import.meta.resolve("./help-dialog.js"));
const loadPalette = lazily(() => import("./palette/palette.js"), import.meta.resolve("./palette/palette.js"));

const PALETTE_AFTER_MS = 500;

/** @type {Filters} */
const NO_FILTERS = { q: "", host: "", agent: "", priority: "", status: "", tag: "", flag: "" };
const WIDE = "(min-width: 1200px)";

/**
 * Start it. `dashboard` is what pages are given. Returns a promise, fulfilled when the first page has been drawn.
 * @param {ShellOptions} options
 * @returns {Promise<void>}
 */
export function startShell({ pages, router, loadHealth, loadMe, loadEvents, dashboard }) {
  const { stores, route, status, health, degraded } = dashboard;
  for (const part of [connectionBadge, topBar]) part.register();
  const top = /** @type {topBar.TopBar} */ (one(document, "top-bar"));
  const nav = /** @type {topBar.PageNav} */ (one(document, "page-nav"));
  const badge = /** @type {connectionBadge.ConnectionBadge} */ (one(document, "connection-badge"));
  const feed = one(document, "activity-feed");
  /**
   * @template {keyof PageEvents} Name
   * @param {Name} name
   * @param {(detail: PageEvents[Name]) => unknown} handler
   */
  const on = (name, handler) => document.addEventListener(name, (event) => handler(/** @type {CustomEvent} */ (event).detail));
  const shown = new Pages(pages, dashboard, { main: one(document, "main"), head: one(document, ".page-head") });
  const theme = signal(storedTheme());
  const counts = new Map(); // page → how many things on it wait for the user
  const needed = signal(0);
  const isWide = matchMedia(WIDE).matches;
  const isActivityOpen = signal(false);
  const isChosen = signal(remembered("activity")); // null: the reader has never opened or closed it
  nav.pages = pages;
  badge.loadHealth = loadHealth;
  badge.loadMe = loadMe;

  let noticing = /** @type {ReturnType<typeof import("./notices.js").startNotices> | null} */ (null);

  /** @type {PageEvents["toast"][]} */
  const unsaid = []; // messages that came when there was nothing to show them with
  const toggleActivity = () => {
    isChosen.value = isActivityOpen.peek() ? "closed" : "open";
    remember("activity", isChosen.peek() ?? "");
  };
  const nextTheme = () => (theme.value = themeAfter(theme.peek()));

  on("task-open", ({ id, path, isStep }) => router.open(id, path, isStep));
  on("task-close", () => router.close());
  on("filters-change", ({ changes }) => router.setFilters(changes));
  on("filters-clear", () => router.setFilters(NO_FILTERS));
  on("query-change", ({ changes }) => router.setQuery(changes));
  on("page-open", ({ page, ...where }) => router.go(page, where));
  on("page-mark", ({ page, mark }) => {
    nav.mark(page, mark);
    counts.set(page, mark?.count ?? 0);
    needed.value = [...counts.values()].reduce((sum, each) => sum + each, 0);
  });
  on("theme-next", nextTheme);
  on("activity-toggle", toggleActivity);
  on("help-open", () => openHelp(bindings));
  on("palette-open", () => openPalette(searched));
  on("toast", (message) => notices().then(({ toast }) => toast(message), () => unsaid.push(message)));
  on("toast-change", (message) => noticing?.change(message));
  on("toast-drop", ({ key }) => noticing?.drop(key));
  const openPage = (/** @type {string} */ name) => route.peek().page === name || router.go(name);
  const bindings = bindingsOf(pages, {
    palette: () => openPalette(searched),
    search: () => focusSearch(route.peek().page),
    open: openPage,
    activity: toggleActivity,
    // Only where the panel covers the page is it in the way.
    hideActivity: () => isActivityOpen.peek() && !matchMedia(WIDE).matches && toggleActivity(),
    theme: nextTheme,
    help: () => openHelp(bindings),
  });
  bind(bindings);
  const actions = [
    { title: "Change the theme", text: "System, light, dark", keys: "t", act: nextTheme },
    { title: "Show or hide the activity", keys: "a", act: toggleActivity },
    { title: "Show all keyboard shortcuts", keys: "?", act: () => openHelp(bindings) },
    { title: "Switch notifications on or off", text: "On this desktop, or to an address", act: () => router.go("settings", { item: "notifications" }) },
    { title: "Examine the dashboard with doctor", act: () => router.go("settings", { item: "system" }) },
    { title: "Clear all filters of the board", act: () => router.setFilters(NO_FILTERS) },
    { title: "Copy the address of this page", act: () => navigator.clipboard?.writeText(location.href).catch(() => {}) },
  ];
  const searched = { stores, pages, actions };

  let first = /** @type {Promise<void> | null} */ (null); // fulfilled when the first page is there
  effect(() => {
    nav.route = route.value;
    const showing = shown.show(route.value);
    first ??= showing.catch(reportError);
  });
  effect(() => void document.body.toggleAttribute("data-task", route.value.task !== null));
  effect(() => {
    const path = health.value?.workspace;
    if (path) top.workspace = path;
    document.title = visible(titleOf(route.value, pages, path ? fileName(path.replace(/[\\/]+$/, "").replaceAll("\\", "/")) : null, needed.value));
    markIcon(needed.value);
  });
  // In sync is what is shown: nothing is, before the first page is there.
  first?.then(() => effect(() => (badge.status = status.value)));
  effect(() => (badge.position = stores.position.value));
  effect(() => (badge.degraded = degraded.value));
  effect(() => degraded.value.length > 0 && notices().catch(() => {}));
  effect(() => {
    setTheme(theme.value);
    top.theme = theme.value;
  });
  effect(() => {
    const isWanted = pages.find(({ name }) => name === route.value.page)?.hasActivity ?? false;
    isActivityOpen.value = isChosen.value === null ? isWide && isWanted : isChosen.value === "open";
  });
  effect(() => {
    feed.hidden = !isActivityOpen.value;
    top.activityOpen = isActivityOpen.value;
  });

  async function notices() {
    const { startNotices } = await loadNotices();
    return (noticing ??= startNotices(degraded));
  }

  // What else is loaded must not hold up the first card.
  const drawn = Promise.all([stores.ready, first]).then(afterFrame).then(afterFrame);
  let isFollowing = false; // the feed is there
  const startFeed = lazily(async () => {
    const { startActivityFeed } = await import("./activity-feed.js");
    startActivityFeed({ stores, loadEvents, isOpen: isActivityOpen });
  }, ACTIVITY);
  async function startActivity() {
    try {
      await startFeed();
      isFollowing = true;
    } catch (error) {
      render(feed, state({ name: "activity-failed", sign: "alert", title: "Activity", text: /** @type {Error} */ (error).message, isPart: true }));
    }
  }
  // The palette is there when it is wanted: its files come while there is nothing to do.
  drawn.then(whenIdle(PALETTE_AFTER_MS, () => loadPalette().then(({ paletteOf }) => paletteOf(searched)).catch(() => {})));
  drawn.then(() =>
    effect(() => {
      returns.value;
      shown.retry();
      if (!isFollowing) startActivity();
      // There has to be a way to say that the service is gone.
      notices().then(({ toast }) => unsaid.splice(0).forEach(toast), () => {});
    }),
  );
  return drawn;
}

/** Go to the field in which a page is searched; false if it has none now. @param {string} page */
function focusSearch(page) {
  const fields = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll(`[data-page="${CSS.escape(page)}"] input[type="search"]`));
  const field = [...fields].find((each) => each.checkVisibility());
  field?.focus();
  field?.select();
  return field !== undefined;
}

/** @param {import("./bindings.js").Binding[]} bindings */
async function openHelp(bindings) {
  try {
    const { helpDialog } = await loadHelp();
    helpDialog(bindings).open();
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    emit(document, "toast", { tone: "warn", title: "The help cannot be shown", text: `${message} Press ? again when the connection is back.` });
  }
}

/** @param {import("./palette/palette.js").Has} searched */
async function openPalette(searched) {
  const typed = typedAhead();
  try {
    const { paletteOf } = await loadPalette();
    (await paletteOf(searched)).open(typed());
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    emit(document, "toast", { tone: "warn", title: "The search cannot be shown", text: `${message} Try again when the connection is back.` });
  } finally {
    typed();
  }
}
