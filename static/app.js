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
/** @import {Health, MaybePosition} from "./lib/types.js" */
/** @import {Query} from "./live/http.js" */

const HEALTH_MS = 60_000;
const LATEST_EVENTS = 300;

// Needed only when the first snapshot has come: it must not hold up the first card.
const loadHttp = lazily(() => import("./live/http.js"), import.meta.resolve("./live/http.js"));
const getJson = async (/** @type {string} */ path, /** @type {Query} */ query = {}) => (await loadHttp()).getJson(path, query);

function start() {
  const stores = new Stores((topic) => getJson("/api/snapshot", { topics: topic }));
  const [evidence, costs] = [new Evidence(), new Costs()];
  const board = new Board({ isLacking: (task) => evidence.isLacking(task), lastCall: (id) => costs.ofTask(id)?.last_at });
  for (const store of [board, evidence, costs]) stores.register(store);
  const link = new Link(stores);
  const router = new Router(PAGES.map(({ name }) => name));
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

  const drawn = startShell({ pages: PAGES, router, loadHealth, loadEvents, dashboard });
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
  router.start();
  link.start();
  expose(stores, board);
}

/**
 * The latest events about tasks, budgets and the service.
 * @param {MaybePosition} position
 */
async function loadEvents({ seq, epoch }) {
  const since = Math.max(0, (seq ?? 0) - LATEST_EVENTS);
  const query = { since, epoch, limit: LATEST_EVENTS, topics: "tasks,costs,service" };
  return (await getJson("/api/events", query)).events;
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
