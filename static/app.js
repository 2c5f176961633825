/** Puts the page together: stores, connection, router, shell; then starts them. */
import { lazily, returns } from "./lib/lazy.js";
import { effect, signal } from "./lib/signals.js";
import { Router } from "./lib/address-bar.js";
import { Link } from "./live/link.js";
import { PAGES } from "./pages/index.js";
import { startShell } from "./shell/shell.js";
import { Board } from "./stores/board.js";
import { Costs } from "./stores/costs.js";
import { Evidence } from "./stores/evidence.js";
import { Stores } from "./stores/stores.js";
/** @import {Health} from "./lib/types.js" */
/** @import {Query} from "./live/http.js" */

const HEALTH_MS = 60_000;
const HOUR_MS = 3_600_000;
const LATEST_EVENTS = 150; // of each request

// Needed only when the first snapshot has come: it must not hold up the first card.
const loadHttp = lazily(() => import("./live/http.js"), import.meta.resolve("./live/http.js"));
const getJson = async (/** @type {string} */ path, /** @type {Query} */ query = {}) => (await loadHttp()).getJson(path, query);

// Needed only where there is a second host.
const loadHosts = lazily(() => import("./hosts/start.js"), import.meta.resolve("./hosts/start.js"));

function start() {
  /** @returns {Promise<import("./stores/hosts.js").Hosts>} */
  const openHosts = async () => (await loadHosts()).startHosts({ ...dashboard, board, router });
  const stores = new Stores((topic) => getJson("/api/snapshot", { topics: topic }), openHosts);
  const [evidence, costs] = [new Evidence(), new Costs()];
  const board = new Board({ isLacking: (task) => evidence.isLacking(task), lastCall: (id) => costs.ofTask(id)?.last_at, costOf: (id) => costs.ofTask(id) });
  for (const store of [board, evidence, costs]) stores.register(store);
  const link = new Link(stores);
  const earlier = Object.fromEntries(PAGES.flatMap(({ name, earlierNames = [] }) => earlierNames.map((before) => [before, name])));
  const router = new Router(PAGES.map(({ name }) => name), earlier);
  router.start(); // so that the first page that is loaded is the one of the address
  const health = signal(/** @type {Health | null} */ (null));
  const loadHealth = async () => {
    for (;;) {
      const known = link.degraded.peek();
      const body = await getJson("/health");
      // What an event said meanwhile is newer than this answer, so it is asked again.
      if (link.degraded.peek() !== known) continue;
      if (body.troubles) link.degraded.value = body.troubles; // also those that no event announces
      return body;
    }
  };

  const checkHealth = () => loadHealth().then((body) => (health.value = body), () => {});

  /** What every page is given. */
  const dashboard = { stores, route: router.route, status: link.status, health, degraded: link.degraded };

  /**
   * The latest events of these types; where there is a journal, also those before the last start, so many hours back.
   * @param {string[]} types
   * @param {number} hours
   */
  const loadEvents = async (types, hours) => {
    const { journal } = health.peek() ?? (await loadHealth());
    const query = { types: types.join(","), limit: LATEST_EVENTS };
    if (!journal?.path) return (await getJson("/api/events", { ...query, newest: 1 })).events;
    return (await getJson("/api/journal", { ...query, order: "newest", since: Date.now() - hours * HOUR_MS })).events;
  };

  const drawn = startShell({ pages: PAGES, router, loadHealth, loadMe: () => getJson("/api/me"), loadEvents, dashboard });
  for (const page of PAGES) page.start?.({ ...dashboard, drawn });
  effect(() => {
    returns.value;
    if (stores.snapshots.value > 0) drawn.then(checkHealth);
  });
  setInterval(() => document.hidden || checkHealth(), HEALTH_MS);
  effect(() => {
    if (returns.value > 0) stores.refill();
  });
  document.addEventListener("log-watch", ({ detail }) => link.watch(detail.job));
  link.start();
  expose(stores, board);
}

/**
 * For tests, and for a look from the console: what the stores have applied.
 * @param {Stores} stores
 * @param {Board} board
 */
function expose(stores, board) {
  window.__dashboard = {
    get seq() {
      return stores.position.peek().seq;
    },
    get epoch() {
      return stores.position.peek().epoch;
    },
    tasks: () => board.tasks.size,
  };
}

start();
