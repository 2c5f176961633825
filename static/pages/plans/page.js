/** The page of plans. */
import { lazily } from "../../lib/lazy.js";
/** @import {Page} from "../../lib/types.js" */

const loadPage = lazily(() => import("./plans-page.js"), import.meta.resolve("./plans-page.js"));
const loadStore = lazily(() => import("../../stores/plans.js"), import.meta.resolve("../../stores/plans.js"));

export default /** @satisfies {Page} */ ({
  name: "plans",
  label: "Plans",
  key: "l",
  topics: ["plans"],
  styles: ["/ui/prose.css", "/ui/ansi.css", "/pages/jobs/dialog.css", ...["plans.css", "plan.css", "graph.css", "control.css", "timeline.css", "more.css"].map((name) => `/pages/plans/${name}`)],
  shortcuts: [
    { keys: ["↑", "↓"], does: "In a plan: the task before or after" },
    { keys: ["←", "→"], does: "In a graph: the phase before or after" },
  ],
  load: async ({ stores }) => (await Promise.all([loadPage(), addStore(stores)]))[0],
});

let isAdded = false;

/** @param {import("../../stores/stores.js").Stores} stores */
async function addStore(stores) {
  const { Plans } = await loadStore();
  if (!isAdded) stores.register(new Plans()).catch(() => {}); // it is asked for again when the connection is back
  isAdded = true;
}
