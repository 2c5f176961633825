/** The tools of the log viewer: what is pressed becomes a wish; `paintTools` shows how things are. */
import { delegate, emit, one } from "../../../lib/dom.js";
import { clock, count, plural, tokens } from "../../../lib/format.js";
import { html, render } from "../../../lib/html.js";
import { fillSelect } from "../../../ui/select.js";
import { downloadUrl } from "../api.js";
import { phaseLabel } from "../statuses.js";
import { sumOf } from "./log-matches.js";
/** @import {Run} from "../../../lib/types.js" */
/** @import {LogHead, LogQuery} from "../types.js" */
/** @import {LogSearch} from "./log-search.js" */

/**
 * What the tools ask for; filters and the search go to the address by `query-change`.
 * @typedef {object} Wishes
 * @property {() => void} nextError
 * @property {(where: "start" | "end") => void} goTo
 * @property {(time: string) => Promise<boolean>} goToTime
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
    else if (time && !(await wishes.goToTime(new Date(String(time)).toISOString()))) return void (problem.textContent = "Nothing was printed at that time or after it.");
    close();
  });
}

/**
 * Show how things are.
 * @param {HTMLElement} root
 * @param {{job: string, query: LogQuery, head: LogHead | null, runs: Run[], search: LogSearch, isWrapped: boolean}} state
 */
export function paintTools(root, { job, query, head, runs, search, isWrapped }) {
  /** @type {HTMLInputElement} */
  const field = one(root, ".log-find input");
  if (document.activeElement !== field) field.value = search.text;
  one(root, ".find-sum").textContent = search.error ? "Not searched" : sumOf(search);
  one(root, ".regex").setAttribute("aria-pressed", String(search.isRegex));
  for (const name of [".previous", ".next"]) /** @type {HTMLButtonElement} */ (one(root, name)).disabled = search.matches.length === 0;
  const [levels, view] = /** @type {NodeListOf<import("../../../ui/segments.js").SegmentGroup>} */ (root.querySelectorAll("segment-group"));
  levels.value = query.levels;
  view.value = query.view;
  for (const button of levels.buttons) {
    const size = head?.counts[button.value] ?? 0;
    one(button, ".level-count").textContent = head ? tokens(size) : "";
    button.title = head ? `${plural(size, "line")} of level ${button.value}` : "";
  }
  const phases = [...new Set([...(head?.phases ?? []).map(({ phase }) => phase), ...(query.phase ? [query.phase] : [])])];
  fillSelect(one(root, "[name=phase]"), { choices: phases.map((phase) => [phase, phaseLabel(phase)]), value: query.phase ?? "", any: "All phases" });
  /** @type {HTMLSelectElement} */
  const list = one(root, "[name=run]");
  list.hidden = runs.length < 2;
  fillSelect(list, { choices: runs.map(({ run_id: id, attempt, started_at: at }) => [id, `Run ${attempt}, ${clock(at)}`]), value: query.run ?? "", any: "Latest run" });
  one(root, ".wrap").setAttribute("aria-pressed", String(isWrapped));
  for (const [name, isFiltered] of /** @type {const} */ ([[".download-all", false], [".download-user", true]])) {
    /** @type {HTMLAnchorElement} */ (one(root, name)).href = downloadUrl(job, head?.run ?? query.run, isFiltered);
  }
  paintPhases(one(root, ".log-phases"), head);
  one(root, ".log-sum").textContent = head ? `${count(head.rows)} of ${plural(head.lines_total, "line")} shown` : "";
}

/** @type {WeakMap<Element, string>} */
const painted = new WeakMap();

/** @param {HTMLElement} place @param {LogHead | null} head */
function paintPhases(place, head) {
  const phases = head?.phases ?? [];
  place.hidden = phases.length === 0;
  const state = JSON.stringify(phases);
  if (painted.get(place) === state) return;
  painted.set(place, state);
  render(place, html`${phases.map(({ phase, row, time }) => html`<button type="button" class="phase-jump" data-row="${row}" data-phase="${phase}" data-testid="phase-jump">${phaseLabel(phase)}<span class="faint">${clock(time)}</span></button>`)}`);
}
