/** The page of pipelines: what agents report about their own work. */
import { lazily } from "../../lib/lazy.js";
/** @import {Dashboard, Page} from "../../lib/types.js" */

const loadPage = lazily(() => import("./pipelines-page.js"), import.meta.resolve("./pipelines-page.js"));

export default /** @satisfies {Page} */ ({
  name: "pipelines",
  label: "Pipelines",
  key: "i",
  topics: ["pipelines", "costs"],
  styles: ["/ui/prose.css", ...["pipelines.css", "pipeline.css", "pipeline-log.css"].map((name) => `/pages/pipelines/${name}`)],
  shortcuts: [
    { keys: ["↑", "↓"], does: "In pipelines: previous or next one, or job" },
    { keys: ["←", "→"], does: "In a pipeline: job of the step beside" },
    { keys: ["u"], does: "In a pipeline: one level up" },
  ],
  load: async (dashboard) => {
    const page = await loadPage();
    addStore(dashboard, page.makeStore());
    return page;
  },
});

let isAdded = false;

/**
 * Add the store when the page is first opened: no other page needs it.
 * @param {Dashboard} dashboard
 * @param {import("../../stores/pipelines.js").Pipelines} store
 */
function addStore({ stores }, store) {
  if (isAdded) return;
  isAdded = true;
  stores.register(store).catch(() => {}); // it is asked for again when the connection is back
}
