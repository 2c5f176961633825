/** The frame around the pages: what the user asks of it by events and keys, theme, activity, messages, help. */
import { emit, listen, one, remember, remembered } from "../lib/dom.js";
import { visible } from "../lib/hidden.js";
import { fileName } from "../lib/format.js";
import { render } from "../lib/html.js";
import { lazily, returns } from "../lib/lazy.js";
import { setTheme, storedTheme, themeAfter } from "../lib/theme.js";
import { state } from "../ui/state.js";
import { afterFrame, effect, signal } from "../lib/signals.js";
import * as connectionBadge from "./connection-badge.js";
import { Pages } from "./pages.js";
import { titleOf } from "./title.js";
import * as topBar from "./top-bar.js";
/** @import {Dashboard, Filters, Health, Page} from "../lib/types.js" */

/**
 * @typedef {object} ShellOptions
 * @property {Page[]} pages
 * @property {import("../lib/address-bar.js").Router} router
 * @property {() => Promise<Health>} loadHealth
 * @property {import("./activity-feed.js").LoadEvents} loadEvents
 * @property {Dashboard} dashboard
 */

const loadNotices = lazily(() => import("./notices.js"), import.meta.resolve("./notices.js"));
const ACTIVITY = import.meta.resolve("./activity-feed.js");
const loadHelp = lazily(() => import("./help-dialog.js"), import.meta.resolve("./help-dialog.js"));

/** @type {Filters} */
const NO_FILTERS = { q: "", agent: "", priority: "", status: "", tag: "", flag: "" };
const WIDE = "(min-width: 1200px)";

/**
 * Start it. `dashboard` is what pages are given. Returns a promise, fulfilled when the first page has been drawn.
 * @param {ShellOptions} options
 * @returns {Promise<void>}
 */
export function startShell({ pages, router, loadHealth, loadEvents, dashboard }) {
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
  const isWide = matchMedia(WIDE).matches;
  const isActivityOpen = signal((remembered("activity") ?? (isWide ? "open" : "closed")) === "open");
  nav.pages = pages;
  badge.loadHealth = loadHealth;

  let noticing = /** @type {ReturnType<typeof import("./notices.js").startNotices> | null} */ (null);

  /** @type {PageEvents["toast"][]} */
  const unsaid = []; // messages that came when there was nothing to show them with
  const toggleActivity = () => {
    isActivityOpen.value = !isActivityOpen.peek();
    remember("activity", isActivityOpen.peek() ? "open" : "closed");
  };
  const nextTheme = () => (theme.value = themeAfter(theme.peek()));

  on("task-open", ({ id, path }) => router.open(id, path));
  on("task-close", () => router.close());
  on("filters-change", ({ changes }) => router.setFilters(changes));
  on("filters-clear", () => router.setFilters(NO_FILTERS));
  on("query-change", ({ changes }) => router.setQuery(changes));
  on("page-open", ({ page, ...where }) => router.go(page, where));
  on("page-mark", ({ page, mark }) => nav.mark(page, mark));
  on("theme-next", nextTheme);
  on("activity-toggle", toggleActivity);
  on("help-open", () => openHelp(pages));
  on("toast", (message) => notices().then(({ toast }) => toast(message), () => unsaid.push(message)));
  on("toast-change", (message) => noticing?.change(message));
  on("toast-drop", ({ key }) => noticing?.drop(key));
  listen({
    ...Object.fromEntries(pages.map(({ name, key }) => [key, () => route.peek().page === name || router.go(name)])),
    "?": () => openHelp(pages),
    a: toggleActivity,
    // Only where the panel covers the page is it in the way.
    Escape: () => isActivityOpen.peek() && matchMedia("(max-width: 1199px)").matches && toggleActivity(),
    t: nextTheme,
  });

  let first = /** @type {Promise<void> | null} */ (null); // fulfilled when the first page is there
  effect(() => {
    nav.route = route.value;
    const showing = shown.show(route.value);
    first ??= showing.catch(reportError);
  });
  effect(() => {
    const path = health.value?.workspace;
    if (path) top.workspace = path;
    document.title = visible(titleOf(route.value, pages, path ? fileName(path.replace(/[\\/]+$/, "").replaceAll("\\", "/")) : null));
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

/** @param {Page[]} pages */
async function openHelp(pages) {
  try {
    const { helpDialog } = await loadHelp();
    helpDialog(pages).open();
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    emit(document, "toast", { tone: "warn", title: "The help cannot be shown", text: `${message} Press ? again when the connection is back.` });
  }
}
