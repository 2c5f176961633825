/** Pieces of a card that the detail view and the activity feed show as well. */
import { sentenceCase } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
/** @import {DependencyState, Markup} from "../../lib/types.js" */

/** @type {Record<string, number>} */
const BARS = { critical: 4, high: 3, medium: 2, normal: 1, low: 0 };

/** @type {Record<string, string>} */
export const FLAGS = {
  invalid: "Broken file",
  status_contradicts_lane: "Status contradicts the lane",
  agent_differs_from_folder: "Agent differs from the folder",
  id_differs_from_file: "Id differs from the file name",
  several_documents: "Several YAML documents in the file",
  duplicate_keys: "Duplicate keys",
  duplicate_id: "Several files have the same id",
  conflict_copy: "Conflict copy or backup",
  not_utf8: "Not UTF-8",
  has_error: "The task reports an error",
  blocked: "Blocked by a dependency",
  evidence_missing: "Done, but files are missing",
  stale: "Stale: assigned, and nothing happens",
};

/** @type {Record<string, string>} */
const MARKS = {
  agent_differs_from_folder: "user",
  id_differs_from_file: "file",
  several_documents: "copy",
  duplicate_keys: "edit",
  not_utf8: "help",
  has_error: "alert",
};

/**
 * True if a card has a mark for a flag.
 * @param {string} flag
 */
export function isMarked(flag) {
  return flag === "duplicate_id" || Object.hasOwn(MARKS, flag);
}

/** Whose copies are no sign of a conflict. */
const PLAIN_MAKERS = new Set(["an editor", "a file manager", "a backup"]);

/** @type {Record<string, string>} */
const SIGNS = { blocked: "link", open: "link", unknown: "help", met: "check" };

/**
 * The words for a flag; an address may name one that does not exist.
 * @param {string} flag
 */
export function flagName(flag) {
  return Object.hasOwn(FLAGS, flag) ? FLAGS[flag] : sentenceCase(flag);
}

/**
 * Priority as bars, colour and name; an unknown one is shown as it was written.
 * @param {string} priority
 */
export function priorityMark(priority) {
  const known = Object.hasOwn(BARS, priority);
  const bars = [0, 1, 2].map(
    (bar) =>
      html`<rect x="${1 + bar * 5}" y="${8 - bar * 3}" width="3.4" height="${6 + bar * 3}" rx="1" class="${known && bar < BARS[priority] ? "on" : "off"}"></rect>`,
  );
  const sign =
    priority === "critical"
      ? html`<path class="on" d="M3 1h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2z"></path><path class="cut" d="M8 4v5M8 11.2v.6"></path>`
      : bars;
  return html`<span class="priority" data-priority="${known ? priority : "unknown"}" title="${known ? "" : `Priority ${priority}`}"
    ><svg viewBox="0 0 16 16" aria-hidden="true">${sign}</svg><span class="priority-name">${sentenceCase(priority)}</span></span
  >`;
}

/**
 * For a file whose name says that a program made it of another.
 * @param {{copied_by: string | null}} task
 */
export function copyMark({ copied_by: maker }) {
  if (!maker) return null;
  const [sign, kind] = PLAIN_MAKERS.has(maker) ? ["copy", "copy"] : ["alert", "conflict copy"];
  const label = maker === "a backup" ? "The file is named like a backup" : `The file is named like a copy made by ${maker}`;
  return html`<span class="chip" data-copy-mark data-testid="copy-mark" title="${label}">${icon(sign)}${kind}</span>`;
}

/**
 * Small signs for what is odd about a task, each with its meaning as text.
 * @param {string[]} flags
 */
export function flagMarks(flags) {
  return flags
    .filter((flag) => Object.hasOwn(MARKS, flag))
    .map(
      (flag) =>
        html`<span class="flag" data-flag="${flag}" role="img" aria-label="${FLAGS[flag]}" title="${FLAGS[flag]}">${icon(MARKS[flag])}</span>`,
    );
}

/**
 * "blocked by Paint the fence", "unknown dep t9"; nothing for a task that waits for nothing.
 * @param {DependencyState} state
 * @param {boolean} isDone
 */
export function dependencyMark({ total, met, open, unknown, blockers, missing }, isDone) {
  const doubt = unknown ? `, ${unknown} not on the board` : "";
  if (open > 0) {
    const names = `${blockers.join("\n")}${open > blockers.length ? `\nand ${open - blockers.length} more` : ""}`;
    const title = `${open} of ${total} dependencies not done${doubt}:\n${names}`;
    const text = named(blockers[0], open);
    return isDone ? chip("open", html`not done: ${text}`, title) : chip("blocked", html`blocked by ${text}`, title);
  }
  if (unknown > 0) return chip("unknown", html`unknown dep ${named(missing[0], unknown)}`, `${met} of ${total} dependencies met${doubt}:\n${missing.join("\n")}`);
  return null;
}

/**
 * The first by its name, the others as a number.
 * @param {string} first
 * @param {number} size
 */
function named(first, size) {
  return html`<span class="chip-name" dir="auto">${first}</span>${size > 1 ? html` <span>+${size - 1}</span>` : null}`;
}

/**
 * @param {string} kind
 * @param {Markup} text
 * @param {string} title
 */
function chip(kind, text, title) {
  return html`<span class="chip" data-dependencies="${kind}" title="${title}">${icon(SIGNS[kind])}${text}</span>`;
}
