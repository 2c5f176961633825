/** The to-dos that an agent keeps for itself: each with a sign and a word for its state. Its look is in ui.css. */
import { html, icon } from "../lib/html.js";

const STATES = /** @type {Record<string, {sign: string, label: string}>} */ ({
  completed: { sign: "check", label: "Done" },
  in_progress: { sign: "play", label: "In progress" },
  pending: { sign: "dot", label: "Pending" },
});

/**
 * The list; a state that is not known counts as pending. `name` is for tests.
 * @param {{text: string, status: string}[]} todos
 * @param {string} name
 */
export function todoList(todos, name) {
  return html`<ol class="sign-list todo-list" data-testid="${name}">${todos.map(({ text, status }) => {
    const { sign, label } = STATES[status] ?? STATES.pending;
    return html`<li data-status="${status}"><span class="todo-sign" title="${label}">${icon(sign)}<span class="off-screen">${label}: </span></span><span dir="auto">${text}</span></li>`;
  })}</ol>`;
}
