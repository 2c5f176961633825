/** What an owner answers, as it is shown: another host's texts, which are only shown as text. */
import { sentenceCase } from "../lib/format.js";
import { html } from "../lib/html.js";
import { words } from "./lists.js";

const MOST_TEXT = 200_000; // of a file or a log that is shown here
const MOST_FACTS = 60;
const MOST_FILES = 100;

/**
 * An answer of the owner: the text of a file if it has one, its files, and the facts.
 * @param {any} answer
 */
export function answerOf(answer) {
  const main = answer.task ?? answer.job ?? answer.pipeline ?? answer.session ?? answer.data ?? answer;
  const raw = typeof answer.raw === "string" ? html`<h3>File</h3><pre data-testid="owner-raw">${cut(answer.raw)}</pre>` : null;
  const claims = Array.isArray(answer.artefacts) && answer.artefacts.length > 0 ? html`<h3>Files</h3><ul data-testid="owner-files">${answer.artefacts.slice(0, MOST_FILES).map(fileOf)}</ul><div class="host-file"></div>` : null;
  return html`${factsOf(main)}${claims}${raw}`;
}

/** @param {any} claim */
function fileOf(claim) {
  const { path, state: found, project, artifact_path: file, kind } = claim ?? {};
  const name = html`<code>${words(path)}</code>`;
  const isShown = typeof project === "string" && typeof file === "string" && kind !== "folder" && file.length < 4_097;
  return html`<li>${isShown ? html`<button type="button" class="link" data-file="${file}" data-project="${project}">${name}</button>` : name} <span class="faint">${words(found)}</span></li>`;
}

/** @param {any} log */
export function logOf(log) {
  const lines = Array.isArray(log?.lines) ? log.lines : Array.isArray(log?.rows) ? log.rows : null;
  if (!lines || lines.length === 0) return null;
  return html`<h3>Log</h3><pre data-testid="owner-log">${cut(lines.map((/** @type {any} */ each) => String(each?.text ?? each?.message ?? "")).join("\n"))}</pre>`;
}

/** What is a plain value is a row; the rest is shown as it is. @param {any} found */
export function factsOf(found) {
  const facts = Object.entries(typeof found === "object" && found !== null ? found : {})
    .filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0))
    .slice(0, MOST_FACTS);
  return html`<dl data-testid="owner-facts">${facts.map(([name, value]) => html`<dt>${sentenceCase(words(name)).replaceAll("_", " ")}</dt><dd dir="auto">${typeof value === "object" ? cut(JSON.stringify(value, null, 1), 2_000) : cut(String(value), 2_000)}</dd>`)}</dl>`;
}

/**
 * @param {string} text
 * @param {number} [most]
 */
export function cut(text, most = MOST_TEXT) {
  return text.length > most ? `${text.slice(0, most)}… (cut off: the rest is on its host)` : text;
}

