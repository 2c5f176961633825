/** Joins what has been spent to the parts of the page that show it: cards, task detail, navigation, messages, own page. */
import { budgetMark, budgetToast } from "./budgets.js";
import { atMostEvery } from "../../lib/schedule.js";
import { effect } from "../../lib/signals.js";
import { notifications, notify, toggleNotifications } from "../../lib/notify.js";
import * as telemetry from "./api.js";

const COMPLETED_EVERY_MS = 2_000;

/** `ui` are the page's elements, `costs` the live figures, `route` a signal. */
export function joinCosts({ ui, costs, board, route }) {
  let page = null; // a promise of the page's element, once it was looked at

  const complete = atMostEvery(COMPLETED_EVERY_MS, async () => {
    const { version } = costs;
    const snapshot = await telemetry.getSnapshot().catch(() => undefined);
    if (snapshot === undefined) return; // what comes next asks again
    if (costs.version === version) costs.take(snapshot);
    else complete(); // it may be older than what was told in the meantime
  });

  costs.addEventListener("incomplete", complete);
  costs.addEventListener("tasks", ({ detail }) => ui.board.refresh(detail));
  costs.addEventListener("change", () => ui.nav.mark("costs", budgetMark(costs.budgets)));
  costs.addEventListener("budget", ({ detail }) => {
    const message = budgetToast(detail);
    if (!message) return;
    ui.toasts.show({ ...message, href: "#/costs" });
    notify(message.title, message.text, `budget ${detail.budget.name}`);
  });
  ui.detail.followCosts = (element) => element.follow(costs, telemetry.getTokensOfTask);
  document.addEventListener("notify-change", async () => {
    const state = await toggleNotifications();
    (await page).notifications = state;
  });

  async function open() {
    page ??= prepare();
    const element = await page;
    if (route.peek().place === "costs") element.show(route.peek().query);
  }

  async function prepare() {
    const { register } = await import("./elements.js");
    register();
    // Its days begin where the service says, and only the snapshot says that.
    if (board.epoch === null) await new Promise((done) => board.addEventListener("snapshot", done, { once: true }));
    ui.costs.setUp({ costs, load: telemetry, lookUp: (id) => board.tasks.get(id) });
    ui.costs.notifications = notifications();
    return ui.costs;
  }

  effect(() => {
    if (route.value.place === "costs") open();
    else page?.then((element) => element.hide());
  });
}
