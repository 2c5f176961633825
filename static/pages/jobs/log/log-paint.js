/** Shows how things are in the log viewer: its tools, the places one can go to, what is wrong. */
import { one } from "../../../lib/dom.js";
import { clock, count, plural, tokens } from "../../../lib/format.js";
import { html, render } from "../../../lib/html.js";
import { fillSelect } from "../../../ui/select.js";
import { downloadUrl } from "../api.js";
import { isOver, phaseLabel } from "../statuses.js";
import { sumOf } from "./log-matches.js";
import { stateOf } from "./log-states.js";
/** @import {Run} from "../../../lib/types.js" */
/** @import {LogHead} from "../types.js" */
/** @import {LogReader} from "./log-reader.js" */

/**
 * Show how things are.
 * @param {HTMLElement} root
 * @param {LogReader} reader
 * @param {Run[]} runs
 */
export function paintViewer(root, reader, runs) {
  const { job, model, search, fresh } = reader;
  const { isStuck } = reader.lines.scroller;
  paintTools(root, reader, runs);
  const more = one(root, ".log-new");
  more.hidden = isStuck || fresh === 0;
  more.textContent = `↓ ${plural(fresh, "new line")}`;
  const follow = one(root, ".follow");
  follow.setAttribute("aria-pressed", String(isStuck));
  follow.textContent = !isStuck ? "To the end" : isOver(job) ? "At the end" : "At the end: follows";
  one(root, ".log-problem").hidden = !model?.error;
  one(root, ".log-problem span").textContent = model?.error ? `${model.error.message} What you see may be old. ` : "";
  /** @type {import("./log-matches.js").LogMatches} */ (one(root, "log-matches")).show(search);
  const state = stateOf(job, model);
  const place = one(root, ".log-state");
  place.hidden = state === null;
  if (state && state.name !== place.dataset.state) render(place, state.markup);
  place.dataset.state = state?.name ?? "";
  root.dataset.rows = String(model?.rows ?? "");
  root.dataset.run = model?.head?.run ?? "";
}

/**
 * @param {HTMLElement} root
 * @param {LogReader} reader
 * @param {Run[]} runs
 */
function paintTools(root, { job, query, model, search }, runs) {
  const head = model?.head ?? null;
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
  one(root, ".wrap").setAttribute("aria-pressed", String(root.classList.contains("is-wrapped")));
  const whole = { ...query, run: head?.run ?? query.run, levels: [], phase: null };
  for (const [name, part] of /** @type {const} */ ([
    [".download-all", { ...whole, view: "all" }],
    [".download-user", { ...whole, view: "user" }],
    [".download-shown", { ...query, run: whole.run }],
  ])) {
    /** @type {HTMLAnchorElement} */ (one(root, name)).href = downloadUrl(job.id, part);
  }
  one(root, ".download-part").hidden = query.levels.length === 0 && !query.phase;
  paintPhases(one(root, ".log-phases"), head);
  const sum = head && model?.sum;
  one(root, ".log-sum").textContent = sum ? `${count(sum.shown)} of ${plural(sum.total, "line")} shown` : "";
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
  render(place, html`${phases.map(({ phase, row, time }) => html`<button type="button" class="phase-jump" data-row="${row}" data-phase="${phase}" data-testid="phase-jump">${phaseLabel(phase)}${time ? html`<span class="faint">${clock(time)}</span>` : null}</button>`)}`);
}
