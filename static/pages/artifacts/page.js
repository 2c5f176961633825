/** The page of the files that agents generate. */
import { lazily, untilLoaded } from "../../lib/lazy.js";
/** @import {Page} from "../../lib/types.js" */

const loadPage = lazily(() => import("./artifacts-page.js"), import.meta.resolve("./artifacts-page.js"));
const loadStore = lazily(() => import("../../stores/artifacts.js"), import.meta.resolve("../../stores/artifacts.js"));

export default /** @satisfies {Page} */ ({
  name: "artifacts",
  label: "Artifacts",
  key: "f",
  topics: ["artifacts"],
  styles: ["/ui/prose.css", "/ui/ansi.css", ...["artifacts.css", "tree.css", "file.css", "code.css"].map((name) => `/pages/artifacts/${name}`)],
  shortcuts: [
    { keys: ["→", "←"], does: "Among files: open or close a folder" },
    { keys: ["*"], does: "Among files: open all folders beside" },
  ],
  load: async ({ stores }) => (await Promise.all([loadPage(), addStore(stores)]))[0],
  start: ({ stores, drawn }) => drawn.then(() => untilLoaded(() => addStore(stores))),
});

let isAdded = false;

/**
 * Add the store, whose list of latest changes begins now; not before the board is there, which does not need it.
 * @param {import("../../stores/stores.js").Stores} stores
 */
async function addStore(stores) {
  const { Artifacts } = await loadStore();
  if (!isAdded) stores.register(new Artifacts()).catch(() => {}); // it is asked for again when the connection is back
  isAdded = true;
}
