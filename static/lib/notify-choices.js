/** What the user of this browser wants to be notified of, and when not. Pure, but for what the browser remembers. */
import { remember, remembered, rememberedList } from "./dom.js";
/** @typedef {"needs" | "failed" | "stale" | "budget" | "done"} NotifyKind */
/** Hours in which nothing is shown, as `HH:MM`; the same time twice: none. @typedef {{from: string, to: string}} QuietHours */

/** @type {{name: NotifyKind, label: string, text: string}[]} */
export const KINDS = [
  { name: "needs", label: "Needs you", text: "An agent waits for a permission or an answer, or a file cannot be read" },
  { name: "failed", label: "Failed", text: "A job, a pipeline, a task or an agent’s turn failed" },
  { name: "stale", label: "Stale", text: "Nothing has happened to a task or a pipeline for long" },
  { name: "budget", label: "Budgets", text: "A budget is nearly or wholly spent" },
  { name: "done", label: "Done", text: "A task or a job was finished" },
];
const AT_FIRST = ["needs", "failed", "stale", "budget"];
const CHOSEN = "notify-kinds";
const QUIET = "notify-quiet";
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

/** The kinds that are chosen. @returns {Set<string>} */
export function chosenKinds() {
  return new Set(remembered(CHOSEN) === null ? AT_FIRST : rememberedList(CHOSEN));
}

/**
 * Choose a kind, or not.
 * @param {string} name
 * @param {boolean} isChosen
 */
export function chooseKind(name, isChosen) {
  const chosen = chosenKinds();
  if (isChosen) chosen.add(name);
  else chosen.delete(name);
  remember(CHOSEN, JSON.stringify([...chosen]));
}

/** The quiet hours; null if there are none. @returns {QuietHours | null} */
export function quietHours() {
  const [from, to] = (remembered(QUIET) ?? "").split("-");
  return TIME.test(from) && TIME.test(to ?? "") && from !== to ? { from, to } : null;
}

/** Set them, or take them away. @param {QuietHours | null} hours */
export function setQuietHours(hours) {
  remember(QUIET, hours ? `${hours.from}-${hours.to}` : "");
}

/**
 * True if a time of day is in the quiet hours, which may go over midnight.
 * @param {Date} now
 * @param {QuietHours | null} hours
 */
export function isQuiet(now, hours) {
  if (hours === null) return false;
  const time = `${String(now.getHours()).padStart(2, "0")}:${String(now.getMinutes()).padStart(2, "0")}`;
  const { from, to } = hours;
  return from < to ? time >= from && time < to : time >= from || time < to;
}

/** The kind of what waits for the user. @param {string} kind @returns {NotifyKind} */
export function kindOfNeed(kind) {
  return kind === "failed" || kind === "stale" || kind === "budget" ? kind : "needs";
}
