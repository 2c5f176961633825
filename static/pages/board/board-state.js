/**
 * What stands in the board's place while there is nothing to show on it: waiting, loading with its progress, no tasks at
 * all, or none that match. Tells `filters-clear`.
 */
import { define, delegate, emit } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { icon } from "../../lib/icons.js";

const EXAMPLE = `id: 2026-01-15-say-hello
title: Say hello
agent: writer
priority: normal
status: new`;

export class BoardState extends HTMLElement {
  #kind = null;

  connectedCallback() {
    this.hidden = true;
    delegate(this, "click", ".clear-all", () => emit(this, "filters-clear"));
  }

  /** `kind` is "connecting", "loading", "empty", "no-match" or null for nothing; `loading` is `{done, total}`. */
  show(kind, { loading = null, root = null } = {}) {
    this.hidden = kind === null;
    if (this.#kind !== `${kind} ${root}` && kind !== null) render(this, PAGES[kind]({ root }));
    this.#kind = `${kind} ${root}`;
    if (kind === "loading") this.#progress(loading);
  }

  #progress({ done, total }) {
    const bar = this.querySelector("progress");
    bar.max = Math.max(1, total);
    bar.value = done;
    this.querySelector(".progress-text").textContent = total ? `${count(done)} of ${count(total)}` : "counting…";
  }
}

/** Make the element known. */
export function register() {
  define("board-state", BoardState);
}

const PAGES = {
  connecting: () =>
    html`<div class="state"><span class="spinner" aria-hidden="true"></span><p>Connecting to the service…</p></div>`,
  loading: () =>
    html`<div class="state" data-testid="loading">
      <h2>Reading the task files</h2>
      <progress aria-label="Task files read" value="0" max="1"></progress>
      <p class="progress-text"></p>
    </div>`,
  empty: ({ root }) =>
    html`<div class="state" data-testid="empty-board">
      ${icon("inbox")}
      <h2>No tasks yet</h2>
      <p>Tasks are YAML files. Put one into the inbox and its card appears here at once:</p>
      <pre><code class="path">${root ?? "work/collaboration"}/inbox/2026-01-15-say-hello.yaml</code><code>${EXAMPLE}</code></pre>
      <p>Move it to <code>assigned/&lt;agent&gt;/</code> when somebody takes it, and to <code>done/&lt;agent&gt;/</code> when it is finished.</p>
    </div>`,
  "no-match": () =>
    html`<div class="state" data-testid="no-match">
      ${icon("search")}
      <h2>No task matches</h2>
      <p>All words of the search and all filters have to fit.</p>
      <button type="button" class="button primary clear-all">Clear filters</button>
    </div>`,
};
