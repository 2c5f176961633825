/** The artefacts of a task in the detail view: what it names, and what was found of each. */
import { bytes, dateTime, plural } from "../../../lib/format.js";
import { html, icon } from "../../../lib/html.js";
import { address } from "../../../lib/router.js";
import { SIGNS, evidenceText } from "../card-facts.js";
/** @import {Claim, Details} from "../types.js" */

/** @type {Record<string, {sign: string, word: string}>} */
const STATES = {
  present: { sign: "check", word: "present" },
  empty: { sign: "alert", word: "empty" },
  missing: { sign: "close", word: "missing" },
  unchanged: { sign: "clock", word: "not changed" },
  unknown: { sign: "help", word: "cannot tell" },
  outside: { sign: "help", word: "not checked" },
  refused: { sign: "help", word: "not checked" },
};

/**
 * Markup of the sum, which stands above what the task says of itself; null for a task that names no file.
 * @param {Details} details
 */
export function verdict({ artefacts, task }) {
  if (!artefacts?.length) return null;
  const { text, tone } = evidenceText(countsOf(artefacts), task.lane, artefacts.length);
  return html`<p class="evidence-sum" data-tone="${tone}" data-testid="evidence-sum">${icon(SIGNS[tone])}<span>${text}</span></p>`;
}

/**
 * Markup of the list; null for a task that names none.
 * @param {Details} details
 */
export function claimList({ artefacts }) {
  if (!artefacts?.length) return null;
  return html`<ul class="task-links" data-testid="artefacts">${artefacts.map(entry)}</ul>`;
}

/**
 * True if files that the task names are missing.
 * @param {Details} details
 */
export function isLacking({ artefacts }) {
  return (artefacts ?? []).some(({ state }) => state === "missing");
}

/** @param {Claim} artefact */
function entry(artefact) {
  const { sign, word } = STATES[artefact.state] ?? { sign: "help", word: artefact.state };
  return html`<li class="claim" data-state="${artefact.state}">
    <span class="state-mark">${icon(sign)}${word}</span>
    <span class="claim-text">${named(artefact)} <span class="hint">${remarks(artefact).join(" · ")}</span></span>
  </li>`;
}

/**
 * The path as the task names it; a link where the file can be seen.
 * @param {Claim} artefact
 */
function named({ path, found, kind, project, artifact_path: inside }) {
  const code = html`<code>${path}</code>`;
  if (!project) return code;
  const query = inside === null || kind === "folder" ? {} : { path: inside };
  return html`<a href="${address({ page: "artifacts", item: project, query })}" title="${found}">${code}</a>`;
}

/** @param {Claim} artefact */
function remarks({ state, kind, size_bytes: size, modified_at, matches, reason, declared }) {
  const isThere = size !== null;
  return [
    state === "unchanged" && "not changed since the task began",
    isThere && kind === "folder" && plural(size, "entry", "entries"),
    isThere && kind === "file" && matches === null && bytes(size),
    isThere && matches !== null && plural(matches, "file"),
    isThere && dateTime(modified_at),
    reason,
    !declared && "named by the result only",
  ].filter(Boolean);
}

/** @param {Claim[]} artefacts */
function countsOf(artefacts) {
  const of = (/** @type {Claim["state"][]} */ ...states) => artefacts.filter(({ state }) => states.includes(state)).length;
  return {
    total: artefacts.length,
    present: of("present", "empty", "unchanged"),
    empty: of("empty"),
    missing: of("missing"),
    unchanged: of("unchanged"),
    refused: of("unknown", "outside", "refused"),
  };
}
