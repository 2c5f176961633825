/** Links to tasks: opened over the page, unless the reader wants a tab of its own. */
import { delegate, emit } from "../lib/dom.js";

/**
 * Make the links `a.task-link[data-opens]` below `root` emit `task-open {id, path}`; `data-path` names one of several files.
 * @param {HTMLElement} root
 */
export function listenForTasks(root) {
  delegate(root, "click", "a.task-link", (event, link) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    emit(root, "task-open", { id: link.dataset.opens, path: link.dataset.path || null });
  });
}
