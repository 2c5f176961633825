/** The further tabs: raw text, lane history, and what is wrong with a broken file. */
import { clock, dateTime, sentenceCase } from "../../../lib/format.js";
import { html, icon } from "../../../lib/html.js";
import { laneBar } from "./lane-bar.js";
import { section } from "./overview.js";
/** @import {Fields} from "./fields.js" */
/** @import {Details, LaneChange, LastGood, LookUp, Problem, TaskState} from "../types.js" */

const TOKENS = /^(\s*(?:- )*)([^\s#:"'][^:#]*?)(:)(?=\s|$)(.*)$/;
const COLOURED_LINES = 3_000;

/**
 * The file as it is, with line numbers.
 * @param {Details} details
 */
export function raw({ raw: text, encoding }) {
  if (text === null || text === undefined) return html`<p class="nil">The file could not be read.</p>`;
  const lines = text.split("\n");
  const numbers = lines.map((_, index) => index + 1).join("\n");
  const strange = encoding && !encoding.startsWith("utf-8") ? html`<p class="hint">Encoding: ${encoding}</p>` : null;
  const shown =
    lines.length > COLOURED_LINES ? text : lines.map((line, index) => html`${index ? "\n" : ""}${coloured(line)}`);
  return html`${strange}<div class="code" data-testid="raw" tabindex="0" role="region" aria-label="Raw YAML"><pre class="numbers" aria-hidden="true">${numbers}</pre><pre class="text"><code>${shown}</code></pre></div>`;
}

/**
 * Which lanes the task was seen in, latest first, and how long.
 * @param {Details} details
 * @param {Fields} _fields
 * @param {LookUp} _lookUp
 * @param {TaskState | null} state
 */
export function history(details, _fields, _lookUp, state) {
  const { history: entries } = details;
  if (entries.length === 0) return html`<p class="nil">No lane change has been seen.</p>`;
  return html`${laneBar(details, state?.here_at ?? NaN)}<ol class="timeline" data-testid="history">${[...entries].reverse().map(change)}</ol>`;
}

/**
 * Where the file does not parse, the parser's message, and the last version that did.
 * @param {Details} details
 * @param {Fields} fields
 */
export function problem({ problem, last_good: good, task }, fields) {
  const found = /** @type {Problem} */ (problem); // else the tab is not there
  const place =
    found.line === null ? "" : `line ${found.line}${found.column === null ? "" : `, column ${found.column}`}`;
  return html`<div class="problem" data-testid="problem">
    <p class="problem-place"><strong>${task.path}</strong> ${place}</p>
    <p class="problem-text">${found.message}</p>
    ${found.context?.length ? context(found) : null} ${good ? lastGood(good, fields) : html`<p class="nil">${task.error ? "No version of this file that parses has been seen since the service was started." : ""}</p>`}
  </div>`;
}

/** @param {LaneChange} entry */
function change({ time, lane, previous_lane, agent, path, observed }) {
  const move =
    lane === null
      ? "Removed"
      : previous_lane
        ? html`${sentenceCase(previous_lane)} ${icon("arrow")} ${sentenceCase(lane)}`
        : sentenceCase(lane);
  const seen = observed === "live" ? `Seen live at ${clock(time)}` : "Found at the start of the service";
  return html`<li data-lane="${lane ?? "removed"}">
    <p class="timeline-head"><strong>${move}</strong>${agent ? html` <span>${agent}</span>` : null}</p>
    <p class="timeline-time"><time datetime="${time}" title="${time}">${dateTime(time)}</time> · ${seen}</p>
    <p class="timeline-path"><code>${path}</code></p>
  </li>`;
}

/** @param {Problem} found */
function context({ context: lines, column }) {
  return html`<div class="code" tabindex="0" role="region" aria-label="Lines around the error"><ol class="context">
    ${lines.map(
      ({ line, text, is_error }) =>
        html`<li class="${is_error ? "is-error" : ""}"><span class="number">${line}</span><code>${text || " "}</code>${is_error ? html`<span class="caret"><span class="number"></span><code>${" ".repeat(Math.max(0, Math.min(199, (column ?? 1) - 1)))}^ here</code></span>` : null}</li>`,
    )}
  </ol></div>`;
}

/**
 * @param {LastGood} good
 * @param {Fields} fields
 */
function lastGood(good, fields) {
  return section(
    "Last version that parsed",
    html`<p class="hint">Read ${dateTime(good.seen_at)}, ${clock(good.seen_at)}</p>
      <div class="last-good" data-testid="last-good">${fields.mapping(good.document)}</div>`,
  );
}

/** @param {string} line */
function coloured(line) {
  if (/^\s*#/.test(line)) return html`<span class="y-comment">${line}</span>`;
  const found = TOKENS.exec(line);
  return found ? html`${found[1]}<span class="y-key">${found[2]}</span>${found[3]}${found[4]}` : line;
}
