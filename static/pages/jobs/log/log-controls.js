/** The tools of the log viewer: what is pressed becomes a wish. How things are is shown by log-paint.js. */
import { delegate, emit, one } from "../../../lib/dom.js";
/** @import {LogQuery} from "../types.js" */

/**
 * What the tools ask for; filters and the search go to the address by `query-change`.
 * @typedef {object} Wishes
 * @property {() => void} nextError
 * @property {(where: "start" | "end") => void} goTo
 * @property {(time: string) => Promise<boolean | void>} goToTime
 * @property {(step: number) => void} nextMatch
 * @property {(row: number) => void} goToRow
 */

const TYPING_MS = 250;

/**
 * Make the tools work.
 * @param {HTMLElement} root
 * @param {() => LogQuery} query
 * @param {Wishes} wishes
 */
export function listenToTools(root, query, wishes) {
  const change = (/** @type {Record<string, string | null>} */ changes) => emit(root, "query-change", { changes });
  /** @type {HTMLInputElement} */
  const field = one(root, ".log-find input");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing;
  const search = () => {
    clearTimeout(typing);
    change({ q: field.value || null });
  };
  field.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(search, TYPING_MS);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") wishes.nextMatch(event.shiftKey ? 1 : -1);
    else if (event.key !== "Escape") return;
    event.preventDefault();
    if (event.key === "Escape") {
      field.value = "";
      search();
      one(root, ".log-view").focus();
    }
  });
  delegate(root, "click", ".regex", (_, button) => change({ regex: button.getAttribute("aria-pressed") === "true" ? null : "1" }));
  delegate(root, "click", ".next", () => wishes.nextMatch(1));
  delegate(root, "click", ".previous", () => wishes.nextMatch(-1));
  root.addEventListener("segment-choose", ({ detail: { name, value } }) => {
    if (name === "log-view") change({ view: value === "all" ? "all" : null });
    if (name !== "log-level") return;
    const { levels } = query();
    const rest = levels.filter((each) => each !== value);
    change({ level: (rest.length < levels.length ? rest : [...levels, value]).join(",") || null });
  });
  delegate(root, "change", "select", (_, /** @type {HTMLSelectElement} */ { name, value }) => change({ [name]: value || null, line: null }));
  delegate(root, "click", ".next-error", () => wishes.nextError());
  delegate(root, "click", ".phase-jump", (_, { dataset }) => wishes.goToRow(Number(dataset.row)));
  listenToPopover(root, change, wishes);
}

/**
 * @param {HTMLElement} root
 * @param {(changes: Record<string, string | null>) => void} change
 * @param {Wishes} wishes
 */
function listenToPopover(root, change, wishes) {
  /** @type {HTMLFormElement} */
  const form = one(root, "#log-go");
  const close = () => form.hidePopover();
  for (const where of /** @type {const} */ (["start", "end"])) {
    delegate(root, "click", `.go-${where}`, () => {
      wishes.goTo(where);
      close();
    });
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { time, line } = Object.fromEntries(new FormData(form));
    const problem = one(form, ".go-problem");
    problem.textContent = "";
    if (line) change({ line: String(line) });
    else if (time && (await wishes.goToTime(new Date(String(time)).toISOString())) === false) return void (problem.textContent = "Nothing was printed at that time or after it.");
    close();
  });
}
