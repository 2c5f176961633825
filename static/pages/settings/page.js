/** The page of settings, the system, notifications and versions; while it is closed, notifications about what is done. */
import { lazily, untilLoaded } from "../../lib/lazy.js";
/** @import {Dashboard, Page} from "../../lib/types.js" */

const loadPage = lazily(() => import("./settings-page.js"), import.meta.resolve("./settings-page.js"));
const loadDone = lazily(() => import("./done.js"), import.meta.resolve("./done.js"));

export default /** @satisfies {Page} */ ({
  name: "settings",
  label: "Settings",
  key: ",",
  topics: [],
  styles: ["/pages/settings/settings.css"],
  load: loadPage,
  start: ({ stores, drawn }) => drawn.then(() => untilLoaded(() => followDone(stores))),
});

/** What is done is only followed where the user wants to hear of it. @param {Dashboard["stores"]} stores */
async function followDone(stores) {
  const { follow } = await loadDone();
  follow(stores);
}
