/** The first page: what every agent is at now, what needs the reader, and the figures of today. */
import { lazily } from "../../lib/lazy.js";
import { Store } from "../../stores/stores.js";
/** @import {Dashboard, Page} from "../../lib/types.js" */

const loadPage = lazily(() => import("./now-page.js"), import.meta.resolve("./now-page.js"));

export default /** @satisfies {Page} */ ({
  name: "now",
  label: "Now",
  key: "o",
  topics: ["overview"],
  styles: ["now.css", "agents.css"].map((name) => `/pages/now/${name}`),
  earlierNames: ["agents"],
  hasActivity: true,
  shortcuts: [
    { keys: ["↑", "↓"], does: "Previous or next agent" },
    { keys: ["Esc"], does: "All states again" },
  ],
  load: loadPage,
  start,
});

/**
 * Add the store, before the first snapshot comes.
 * @param {Dashboard} dashboard
 */
function start({ stores }) {
  stores.register(new Store("overview"));
}
