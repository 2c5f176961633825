/**
 * What is shown instead of the columns while there is nothing to show in them: waiting, loading with its progress, no tasks at
 * all, or none that match.
 */
import { emit, one } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { connecting, state } from "../../ui/state.js";
/** @import {Markup, Progress} from "../../lib/types.js" */
/** @import {StateKind, Sums} from "./types.js" */

const EXAMPLE = `id: 2026-01-15-say-hello
title: Say hello
agent: writer
priority: normal
status: new`;

/**
 * What to show instead of the columns; null if they are to be shown.
 * @param {Sums} sums
 * @param {string} connection
 * @param {boolean} isKnown
 * @param {boolean} isAway
 * @returns {StateKind | null}
 */
export function stateOf({ cards, total, isFiltering }, connection, isKnown, isAway) {
  if (!isKnown) return connection === "loading" ? "loading" : "connecting";
  if (total === 0 && isAway) return "missing";
  if (total === 0) return "empty";
  return cards === 0 && isFiltering ? "no-match" : null;
}

/**
 * Show a state in `place`; `root` is the folder of the tasks. Emits `filters-clear`.
 * @param {HTMLElement} place
 * @param {StateKind | null} kind
 * @param {{loading: Progress | null, root: string | null}} facts
 */
export function showState(place, kind, { loading, root }) {
  place.hidden = kind === null;
  const shown = `${kind} ${root}`;
  if (place.dataset.shown !== shown && kind !== null) {
    render(place, STATES[kind]({ root }));
    place.querySelector(".clear-all")?.addEventListener("click", () => emit(place, "filters-clear"));
  }
  place.dataset.shown = shown;
  if (kind === "loading") showProgress(place, loading ?? { done: 0, total: 0 });
}

/**
 * @param {HTMLElement} place
 * @param {Progress} progress
 */
function showProgress(place, { done, total }) {
  /** @type {HTMLProgressElement} */
  const bar = one(place, "progress");
  bar.max = Math.max(1, total);
  bar.value = done;
  one(place, ".progress-text").textContent = total ? `${count(done)} of ${count(total)}` : "counting…";
}

/** @type {Record<StateKind, (facts: {root: string | null}) => Markup>} */
const STATES = {
  connecting,
  loading: () =>
    state({
      name: "loading",
      title: "Reading the task files",
      more: html`<progress aria-label="Task files read" value="0" max="1"></progress><p class="progress-text"></p>`,
    }),
  empty: ({ root }) =>
    state({
      name: "empty-board",
      sign: "inbox",
      title: "No tasks yet",
      text: "Tasks are YAML files. Put one into the inbox and its card appears here at once:",
      more: html`<pre tabindex="0" role="group" aria-label="For example"><code class="path">${root ?? "work/collaboration"}/inbox/2026-01-15-say-hello.yaml</code><code>${EXAMPLE}</code></pre>
      <p>Move it to <code>assigned/&lt;agent&gt;/</code> when somebody takes it, and to <code>done/&lt;agent&gt;/</code> when it is finished.</p>`,
    }),
  missing: ({ root }) =>
    state({
      name: "board-missing",
      sign: "folder",
      title: "The folder of the tasks is missing",
      text: html`<code>${root}</code> is not there, or cannot be read. The board fills as soon as it can be.`,
    }),
  "no-match": () =>
    state({
      name: "no-match",
      sign: "search",
      title: "No task matches",
      text: "All words of the search and all filters have to fit.",
      more: html`<button type="button" class="button primary clear-all">Clear filters</button>`,
    }),
};
