/** The rows of two runs side by side (pure): each with both values and by how much the right one is more. */
import { UNKNOWN, count, dateTime, duration, money } from "../../lib/format.js";
import { exitText, phaseLabel } from "./statuses.js";
/** @import {RunFigures} from "./types.js" */

/** `difference` is "" where there is none, or none that can be given as a number. @typedef {{label: string, one: string, other: string, difference: string}} ComparedRow */
/** @typedef {number | null | undefined} Figure */

const isKnown = (/** @type {Figure} */ value) => value !== null && value !== undefined;
const countOf = (/** @type {Figure} */ value) => (isKnown(value) ? count(/** @type {number} */ (value)) : UNKNOWN);
const moneyOf = (/** @type {Figure} */ value) => money(value ?? null);

/**
 * What is compared of two runs, their phases last.
 * @param {RunFigures} left
 * @param {RunFigures} right
 * @returns {ComparedRow[]}
 */
export function comparedRows(left, right) {
  const texts = (/** @type {string} */ label, /** @type {(run: RunFigures) => string} */ of) => ({ label, one: of(left), other: of(right), difference: "" });
  const figures = (/** @type {string} */ label, /** @type {(run: RunFigures) => Figure} */ of, /** @type {(value: Figure) => string} */ text) => numberRow(label, of(left), of(right), text);
  const phases = [...new Set([...Object.keys(left.phase_s), ...Object.keys(right.phase_s)])];
  return [
    texts("Started", ({ started_at: from }) => dateTime(from)),
    figures("Time", (run) => tenths(run.duration_s), timeOf),
    texts("End", ({ exit, status }) => (exit ? (exitText({ exit_code: exit.code, exit_signal: exit.signal, exit_reason: exit.reason }) ?? exit.reason) : status)),
    figures("Lines written", (run) => run.lines_written, countOf),
    figures("Log lines", (run) => run.log_lines, countOf),
    figures("Errors", (run) => run.levels.error ?? 0, countOf),
    figures("Warnings", (run) => run.levels.warning ?? 0, countOf),
    figures("Cost", (run) => run.cost_usd, moneyOf),
    texts("Profile", ({ profile }) => profile),
    ...phases.map((phase) => figures(`Phase ${phaseLabel(phase)}`, (run) => tenths(run.phase_s[phase]), timeOf)),
  ];
}

/**
 * @param {string} label
 * @param {Figure} one
 * @param {Figure} other
 * @param {(value: Figure) => string} text
 * @returns {ComparedRow}
 */
function numberRow(label, one, other, text) {
  const row = { label, one: text(one), other: text(other), difference: "" };
  if (!isKnown(one) || !isKnown(other) || row.one === row.other) return row;
  const more = /** @type {number} */ (other) - /** @type {number} */ (one);
  return { ...row, difference: `${more > 0 ? "+" : "−"}${text(Math.abs(more))}` };
}

/** As it is shown, so that a difference is that of what one sees. @param {Figure} seconds */
function tenths(seconds) {
  return isKnown(seconds) ? Math.round(/** @type {number} */ (seconds) * 10) / 10 : null;
}

/** @param {Figure} seconds */
function timeOf(seconds) {
  if (!isKnown(seconds)) return UNKNOWN;
  const known = /** @type {number} */ (seconds);
  return known < 60 ? `${known.toFixed(1)} s` : duration(known * 1000);
}
