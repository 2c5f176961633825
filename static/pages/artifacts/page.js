/** The page of the files that agents generate. */
/** @import {Page} from "../../lib/types.js" */

export default /** @satisfies {Page} */ ({
  name: "artifacts",
  label: "Artifacts",
  key: "f",
  topics: ["artifacts"],
  styles: ["/ui/prose.css", ...["artifacts.css", "tree.css", "file.css", "code.css"].map((name) => `/pages/artifacts/${name}`)],
  shortcuts: [
    { keys: ["→", "←"], does: "Among files: open or close a folder" },
    { keys: ["*"], does: "Among files: open all folders beside" },
  ],
  load: async ({ stores }) => (await Promise.all([import("./artifacts-page.js"), addStore(stores)]))[0],
  start: ({ stores, drawn }) => drawn.then(() => addStore(stores)),
});

/** @type {Promise<void> | null} */
let adding = null;

/**
 * Add the store, whose list of latest changes begins now; not before the board is there, which does not need it.
 * @param {import("../../stores/stores.js").Stores} stores
 */
function addStore(stores) {
  adding ??= import("../../stores/artifacts.js").then(({ Artifacts }) => void stores.register(new Artifacts()).catch(reportError));
  return adding;
}
