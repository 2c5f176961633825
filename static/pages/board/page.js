/** The board, and the dialog of a task, which is opened over any page. */
import { effect } from "../../lib/signals.js";
/** @import {Dashboard, Page} from "../../lib/types.js" */

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
    { keys: ["g"], does: "Group by agent" },
  ],
  load: () => import("./board-page.js"),
  start,
});

/**
 * Load the dialog when the first task is opened.
 * @param {Dashboard} dashboard
 */
function start(dashboard) {
  /** @type {Promise<unknown> | null} */
  let dialog = null;
  effect(() => {
    if (dashboard.route.value.task !== null) dialog ??= import("./detail/dialog.js").then((module) => module.start(dashboard));
  });
}
