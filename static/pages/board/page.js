/** The board, and the panel of a task, which is opened over any page. */
import { emit } from "../../lib/dom.js";
import { lazily, returns } from "../../lib/lazy.js";
import { effect } from "../../lib/signals.js";
/** @import {Dashboard, Page} from "../../lib/types.js" */

const loadPage = lazily(() => import("./board-page.js"), import.meta.resolve("./board-page.js"));
const DIALOG = import.meta.resolve("./detail/dialog.js");

export default /** @satisfies {Page} */ ({
  name: "board",
  label: "Board",
  key: "b",
  topics: ["tasks", "evidence", "costs"],
  styles: ["board-state.css", "filter-bar.css", "task-board.css", "task-card.css", "marks.css"].map((name) => `/pages/board/${name}`),
  shortcuts: [
    { keys: ["↑", "↓"], does: "Previous or next card" },
    { keys: ["←", "→"], does: "Card in the column beside" },
    { keys: ["Home", "End"], does: "First or last card of the column" },
    { keys: ["Enter"], does: "Open the card, fold or unfold a group" },
    { keys: ["Esc"], does: "Close, or clear the search" },
    { keys: ["j", "k"], does: "Next or previous card while one is open" },
    { keys: ["g"], does: "Group by agent" },
    { keys: ["v"], does: "Lanes, density, saved views" },
  ],
  hasActivity: true,
  load: loadPage,
  start,
});

/**
 * Load the dialog when the first task is opened.
 * @param {Dashboard} dashboard
 */
function start(dashboard) {
  let isThere = false;
  const startDialog = lazily(() => import("./detail/dialog.js").then((module) => module.start(dashboard)), DIALOG);
  const open = async () => {
    try {
      await startDialog();
      isThere = true;
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      emit(document, "toast", { tone: "warn", title: "The task cannot be shown", text: `${message} It is tried again when the connection is back.` });
    }
  };
  effect(() => {
    returns.value;
    if (dashboard.route.value.task !== null && !isThere) open();
  });
}
