/** The page of costs; while it is closed, its mark in the navigation and the messages about budgets. */
import { emit } from "../../lib/dom.js";
import { lazily, returns } from "../../lib/lazy.js";
import { atMostEvery, effect } from "../../lib/signals.js";
/** @import {Budget, Dashboard, Page} from "../../lib/types.js" */

const loadHttp = lazily(() => import("../../live/http.js"), import.meta.resolve("../../live/http.js"));
const loadBudgets = lazily(() => import("./budgets.js"), import.meta.resolve("./budgets.js"));
const COMPLETED_EVERY_MS = 2_000;

export default /** @satisfies {Page} */ ({
  name: "costs",
  label: "Costs",
  key: "c",
  topics: ["costs", "tasks"],
  styles: ["costs.css", "parts.css", "tables.css"].map((name) => `/pages/costs/${name}`),
  load: lazily(() => import("./costs-page.js"), import.meta.resolve("./costs-page.js")),
  start,
});

/** @param {Dashboard} dashboard */
function start({ stores }) {
  const costs = stores.get("costs");
  const complete = atMostEvery(COMPLETED_EVERY_MS, async () => {
    const { version } = costs;
    const body = await loadHttp().then(({ getJson }) => getJson("/api/snapshot", { topics: "costs" })).catch(() => null);
    if (body === null) return; // the next event asks again, and so does the connection when it is back
    if (costs.version === version) costs.take(body.costs);
    else complete(); // it may be older than the events that came in the meantime
  });
  costs.addEventListener("incomplete", complete);
  const refreshMessages = atMostEvery(COMPLETED_EVERY_MS, async () => {
    const { hasMessages, refreshMessages: refresh } = await loadBudgets();
    if (!hasMessages()) return;
    const body = await loadHttp().then(({ getJson }) => getJson("/api/telemetry")).catch(() => null);
    if (body) refresh(body.budgets); // else the next call asks again
  });
  let isAnnounced = false; // before the first message there is nothing to refresh, nor to load
  costs.addEventListener("calls", () => isAnnounced && refreshMessages());
  costs.addEventListener("budget", async ({ detail }) => {
    (await loadBudgets()).announce(detail);
    isAnnounced = true;
  });
  effect(() => {
    costs.revision.value;
    returns.value;
    markBudgets(costs.budgets).catch(() => {}); // the next change tries again
  });
}

/**
 * Most of the time no budget needs attention, and then nothing is loaded for it.
 * @param {Budget[]} budgets
 */
async function markBudgets(budgets) {
  const isWithin = budgets.every(({ level }) => level === "ok");
  const mark = isWithin ? null : (await loadBudgets()).budgetMark(budgets);
  emit(document, "page-mark", { page: "costs", mark });
}
