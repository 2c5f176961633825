/** All elements of the page: made known by `register`, found by `find`. */
import * as activityFeed from "./activity-feed.js";
import * as boardState from "../pages/board/board-state.js";
import * as taskCosts from "../pages/board/detail/task-costs.js";
import * as connectionBadge from "./connection-badge.js";
import * as filterBar from "../pages/board/filter-bar.js";
import * as helpDialog from "./help-dialog.js";
import * as pageNav from "./page-nav.js";
import * as noticeBanner from "./notice-banner.js";
import * as taskBoard from "../pages/board/task-board.js";
import * as taskCard from "../pages/board/task-card.js";
import * as taskColumn from "../pages/board/task-column.js";
import * as taskDetail from "../pages/board/detail/task-detail.js";
import * as toastList from "./toast-list.js";
import * as topBar from "./top-bar.js";

/** Make every element known to the browser. */
export function register() {
  // What stands inside of others comes first.
  for (const part of [taskCard, taskColumn, taskBoard, boardState, connectionBadge, pageNav, topBar]) part.register();
  for (const part of [filterBar, noticeBanner, activityFeed, taskDetail, helpDialog, taskCosts, toastList])
    part.register();
}

/** The page's elements by their role. */
export function find() {
  const one = (name) => document.querySelector(name);
  return {
    top: one("top-bar"),
    nav: one("page-nav"),
    badge: one("connection-badge"),
    filters: one("filter-bar"),
    banner: one("notice-banner"),
    board: one("task-board"),
    state: one("board-state"),
    activity: one("activity-feed"),
    costs: one("costs-page"),
    artifacts: one("artifacts-page"),
    detail: one("task-detail"),
    help: one("help-dialog"),
    toasts: one("toast-list"),
  };
}
