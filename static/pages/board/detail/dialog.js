/** The dialog of a task over the page: joins it to the route, the stores and the service. */
import { loadStyle } from "../../../lib/dom.js";
import { returns } from "../../../lib/lazy.js";
import { effect } from "../../../lib/signals.js";
import { HttpError, getJson } from "../../../live/http.js";
import * as taskCosts from "./task-costs.js";
import * as taskDetail from "./task-detail.js";
/** @import {Dashboard} from "../../../lib/types.js" */
/** @import {Details} from "../types.js" */

const STYLES = ["/ui/prose.css", ...["marks.css", "detail/task-detail.css", "detail/content.css", "detail/task-costs.css"].map((name) => `/pages/board/${name}`)];

/**
 * Show the task of the route from now on.
 * @param {Dashboard} dashboard
 */
export async function start({ stores, route }) {
  await Promise.all(STYLES.map(loadStyle));
  taskCosts.register();
  taskDetail.register();
  const [board, evidence, costs] = [stores.get("tasks"), stores.get("evidence"), stores.get("costs")];
  const detail = /** @type {taskDetail.TaskDetail} */ (document.createElement("task-detail"));
  detail.setUp({ loadTask: (id, path, signal) => loadTask(stores, id, path, signal), lookUp: (id) => board.tasks.get(id), costs });
  document.body.append(detail);

  board.addEventListener("snapshot", () => detail.refresh());
  board.addEventListener("moved", ({ detail: { id, from, to } }) => detail.follow(id, from, to));
  board.addEventListener("task", ({ detail: task }) => detail.concerns(task.id) && detail.refresh());
  evidence.addEventListener("change", ({ detail: ids }) => {
    if (ids && [...ids].some((id) => detail.concerns(id))) detail.refresh();
  });
  effect(() => {
    if (returns.value > 0) detail.refresh();
  });
  effect(() => {
    const { task, path } = route.value;
    detail.show(task === null ? null : { id: task, path });
  });
}

/**
 * @param {Dashboard["stores"]} stores
 * @param {string} id
 * @param {string | null} path
 * @param {AbortSignal} signal
 * @returns {Promise<Details>}
 */
async function loadTask(stores, id, path, signal) {
  await stores.ready;
  // Asking for what the board knows to be gone would only put a 404 into the console.
  if (!stores.get("tasks").tasks.has(id)) throw new HttpError(`There is no task “${id}” on the board.`, "NOT_FOUND", 404);
  // Not as a part of the path: the browser would resolve `..` in an id.
  return getJson("/api/task", { id, path }, signal);
}
