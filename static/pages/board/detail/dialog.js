/** The dialog of a task over the page: joins it to the route, the stores and the service. */
import { loadStyle } from "../../../lib/dom.js";
import { effect } from "../../../lib/signals.js";
import { HttpError, getJson } from "../../../live/http.js";
import * as taskCosts from "./task-costs.js";
import * as taskDetail from "./task-detail.js";

const STYLES = ["/ui/prose.css", ...["marks.css", "detail/task-detail.css", "detail/content.css", "detail/task-costs.css"].map((name) => `/pages/board/${name}`)];

/** Show the task of the route from now on. */
export async function start({ stores, route }) {
  await Promise.all(STYLES.map(loadStyle));
  taskCosts.register();
  taskDetail.register();
  const [board, evidence, costs] = ["tasks", "evidence", "costs"].map((topic) => stores.get(topic));
  const detail = document.createElement("task-detail");
  detail.setUp({ loadTask: (id, path, signal) => loadTask(stores, id, path, signal), lookUp: (id) => board.tasks.get(id), costs });
  document.body.append(detail);

  board.addEventListener("snapshot", () => detail.refresh());
  board.addEventListener("task", ({ detail: task }) => detail.concerns(task.id) && detail.refresh());
  evidence.addEventListener("change", ({ detail: ids }) => {
    if (ids && [...ids].some((id) => detail.concerns(id))) detail.refresh();
  });
  effect(() => {
    const { task, path } = route.value;
    detail.show(task === null ? null : { id: task, path });
  });
}

async function loadTask(stores, id, path, signal) {
  await stores.ready;
  // Asking for what the board knows to be gone would only put a 404 into the console.
  if (!stores.get("tasks").tasks.has(id)) throw new HttpError(`There is no task “${id}” on the board.`, "NOT_FOUND", 404);
  return getJson(`/api/tasks/${encodeURIComponent(id)}`, { path }, signal);
}
