/** The panel of a task beside the page: joins it to the route, the stores, the service and the keys. */
import { emit, isTyping, loadStyle } from "../../../lib/dom.js";
import { returns } from "../../../lib/lazy.js";
import { effect } from "../../../lib/signals.js";
import { HttpError, getJson } from "../../../live/http.js";
import * as taskCosts from "./task-costs.js";
import { shownOrder } from "../order.js";
import * as taskDetail from "./task-detail.js";
import * as taskGraph from "./task-graph.js";
import * as taskWork from "./task-work.js";
/** @import {Dashboard} from "../../../lib/types.js" */
/** @import {Details} from "../types.js" */

const STYLES = ["/ui/prose.css", ...["marks.css", "detail/task-detail.css", "detail/content.css", "detail/task-costs.css", "detail/parts.css"].map((name) => `/pages/board/${name}`)];

/**
 * Show the task of the route from now on.
 * @param {Dashboard} dashboard
 */
export async function start({ stores, route }) {
  await Promise.all(STYLES.map(loadStyle));
  for (const part of [taskCosts, taskGraph, taskWork]) part.register();
  taskDetail.register();
  const [board, evidence, costs] = [stores.get("tasks"), stores.get("evidence"), stores.get("costs")];
  const detail = /** @type {taskDetail.TaskDetail} */ (document.createElement("task-detail"));
  detail.setUp({ loadTask: (id, path, signal) => loadTask(stores, id, path, signal), board, costs });
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
  effect(() => (detail.order = shownOrder.value));
  // Before the keys of the pages, of which `j` opens one.
  document.addEventListener("keydown", (event) => onStep(event, detail), true);
  document.addEventListener("keydown", (event) => onEscape(event, detail));
}

/**
 * To the next card or the one before, wherever the focus is, while there are cards.
 * @param {KeyboardEvent} event
 * @param {taskDetail.TaskDetail} detail
 */
function onStep(event, detail) {
  const by = { j: 1, k: -1 }[event.key];
  if (by === undefined || shownOrder.peek() === null || !isFor(event, detail)) return;
  event.preventDefault();
  emit(detail, "task-step", { by });
}

/**
 * A panel is no dialog that the browser closes by itself.
 * @param {KeyboardEvent} event
 * @param {taskDetail.TaskDetail} detail
 */
function onEscape(event, detail) {
  if (event.key !== "Escape" || !detail.isDocked || !isFor(event, detail)) return;
  event.preventDefault();
  detail.close();
}

/**
 * True for a key that is not typed, while nothing else is over the page.
 * @param {KeyboardEvent} event
 * @param {taskDetail.TaskDetail} detail
 */
function isFor({ defaultPrevented, ctrlKey, metaKey, altKey, target }, detail) {
  const over = document.querySelector("dialog:modal, :popover-open");
  return detail.isOpen && !defaultPrevented && !ctrlKey && !metaKey && !altKey && !isTyping(target) && (!over || detail.contains(over));
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
