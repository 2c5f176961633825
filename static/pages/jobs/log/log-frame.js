/** The frame of the log viewer as markup: its tools above, the lines below. */
import { html, icon } from "../../../lib/html.js";
import { segments } from "../../../ui/segments.js";
import { select } from "../../../ui/select.js";
import { LEVELS } from "../statuses.js";

/** @returns {import("../../../lib/types.js").Markup} */
export function frame() {
  const levels = LEVELS.map((level) => ({ value: level, label: html`<span class="level-dot" data-level="${level}"></span>${level} <span class="level-count"></span>` }));
  const views = [
    { value: "user", label: "User view", title: "Without what concerns only those who look for faults (v)" },
    { value: "all", label: "Everything", title: "Every line that was printed (v)" },
  ];
  return html`<div class="log-tools" role="toolbar" aria-label="Log">
      <search class="find-bar log-find">
        ${icon("search")}<input type="search" data-testid="log-search" placeholder="Search the log (/)" aria-label="Search the log" maxlength="500" spellcheck="false" autocomplete="off" />
        <span class="find-sum" role="status"></span>
        <button type="button" class="tool regex" aria-pressed="false" title="Regular expression" aria-label="Regular expression">.*</button>
        <button type="button" class="tool previous" title="Previous match (p)" aria-label="Previous match">↑</button>
        <button type="button" class="tool next" title="Next match (n)" aria-label="Next match">↓</button>
      </search>
      ${segments({ name: "log-level", label: "Levels", choices: levels })}
      ${segments({ name: "log-view", label: "View", choices: views })}
      ${select({ name: "phase", label: "Phase", testid: "log-phase-filter" })}
      ${select({ name: "run", label: "Run", testid: "log-run" })}
      <form id="log-go" class="popover log-popover" popover>
        <h2>Go to</h2>
        <label>Time <input type="datetime-local" name="time" step="1" /></label>
        <label>Line <input type="number" name="line" min="1" step="1" inputmode="numeric" /></label>
        <p class="go-problem" role="status"></p>
        <div class="go-buttons"><button type="submit" class="button primary">Go</button>
        <button type="button" class="button go-start">Start</button><button type="button" class="button go-end">End</button></div>
      </form>
      <div id="log-download" class="popover log-popover" popover>
        <h2>Download</h2>
        <p class="hint">Secrets are blacked out in each.</p>
        <p><a class="download-all" download>The whole log</a></p>
        <p><a class="download-user" download>What the user view shows</a></p>
        <p class="download-part" hidden><a class="download-shown" download>Only the levels and the phase that are chosen</a></p>
      </div>
    </div>
    <div class="log-places"><nav class="log-phases" aria-label="Phases of the log"></nav>
      <span class="log-goes">
        <button type="button" class="button next-error" title="Next error (e)">${icon("alert")}<span class="button-text">Next error</span></button>
        <button type="button" class="button go-to" popovertarget="log-go" title="Go to a time or a line">${icon("clock")}<span class="button-text">Go to</span></button>
        <button type="button" class="button icon-button wrap" aria-pressed="true" title="Wrap long lines" aria-label="Wrap long lines">${icon("wrap")}</button>
        <button type="button" class="button download" popovertarget="log-download" title="Download">${icon("down")}<span class="button-text">Download</span></button>
      </span>
    </div>
    <div class="log-problem notice" role="status" hidden><span></span><button type="button" class="link again">Try again</button></div>
    <div class="log-body">
      <div class="log-main">
        <div class="log-view" tabindex="0" role="region" aria-label="Lines of the log" data-testid="log-lines">
          <div class="log-space"><div class="log-block" role="list"></div></div>
        </div>
        <div class="log-state" hidden></div>
        <button type="button" class="button primary log-new" data-testid="log-new" hidden></button>
      </div>
      <log-matches hidden></log-matches>
    </div>
    <footer class="log-foot"><span class="log-sum" data-testid="log-sum"></span><span class="log-here" data-testid="log-here"></span><button type="button" class="link follow" data-testid="log-follow" aria-pressed="false">Follow</button></footer>`;
}
