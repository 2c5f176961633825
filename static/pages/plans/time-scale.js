/** Where times are on a line from 0 to 1, on which long pauses are cut short; and the bars of tasks on it: pure. */
/** @import {PlanTask, PlanTaskStatus} from "../../lib/types.js" */
/** `to` null: it goes on. @typedef {{key: string, task: PlanTask, from: number, to: number | null}} Span */
/** @typedef {{from: number, to: number, at: number, size: number, isPause: boolean}} Piece */

const LONGEST_PAUSE = 0.08; // of all the time in which something ran
const LEAST_PAUSE_MS = 60_000;
const PAUSE_SIZE = 0.02;
const [FIRST_MS, LAST_MS] = [Date.UTC(1000, 0, 2), Date.UTC(9999, 11, 31)]; // years of four digits

/**
 * When each task ran, those that began first first; without those that never began.
 * @param {PlanTask[]} tasks
 * @returns {Span[]}
 */
export function spansOf(tasks) {
  /** @type {Span[]} */
  const found = [];
  for (const task of tasks) {
    if (task.status === "pending") continue;
    const end = task.completedAt ? Date.parse(task.completedAt) : NaN;
    const begin = bounded(task.startedAt ? Date.parse(task.startedAt) : task.duration === null ? NaN : end - task.duration);
    if (Number.isNaN(begin)) continue;
    const isOver = task.status !== "in_progress";
    const to = !Number.isNaN(end) && end >= begin ? bounded(end) : isOver ? bounded(begin + (task.duration ?? 0)) : null;
    found.push({ key: task.id, task, from: begin, to: isOver ? to : null });
  }
  return found.sort((a, b) => a.from - b.from || (a.key < b.key ? -1 : 1));
}

/** A time that a `Date` can show, whatever duration a file says. @param {number} time */
function bounded(time) {
  return Math.min(LAST_MS, Math.max(FIRST_MS, time));
}

export class TimeScale {
  /** @type {Piece[]} */
  pieces = [];

  /**
   * @param {Span[]} spans
   * @param {number} now What goes on ends there.
   * @param {boolean} isCut Long pauses are cut short.
   */
  constructor(spans, now, isCut = true) {
    const busy = joined(spans.map(({ from, to }) => [from, Math.max(from, to ?? now)]));
    if (busy.length === 0) return;
    const whole = busy.reduce((sum, [from, to]) => sum + to - from, 0);
    const longest = isCut ? Math.max(LEAST_PAUSE_MS, whole * LONGEST_PAUSE) : Infinity;
    /** @type {[number, number, boolean][]} */
    const parts = [];
    for (const [from, to] of busy) {
      const last = parts.at(-1);
      if (last && from - last[1] <= longest) last[1] = to;
      else {
        if (last) parts.push([last[1], from, true]);
        parts.push([from, to, false]);
      }
    }
    const pauses = parts.filter(([, , isPause]) => isPause).length;
    const forPauses = Math.min(0.4, pauses * PAUSE_SIZE);
    const length = parts.reduce((sum, [from, to, isPause]) => sum + (isPause ? 0 : to - from), 0);
    let at = 0;
    for (const [from, to, isPause] of parts) {
      const size = isPause ? forPauses / pauses : length > 0 ? ((1 - forPauses) * (to - from)) / length : (1 - forPauses) / (parts.length - pauses);
      this.pieces.push({ from, to, at, size, isPause });
      at += size;
    }
  }

  /** Where a time is, 0 to 1. @param {number} time */
  at(time) {
    for (const { from, to, at, size } of this.pieces) {
      if (time <= from) return at;
      if (time <= to) return at + (size * (time - from)) / Math.max(1, to - from);
    }
    return this.pieces.length > 0 ? 1 : 0;
  }

  /** The time at a place; NaN if there is none. @param {number} place */
  timeAt(place) {
    const piece = this.pieces.find(({ at, size }) => place <= at + size) ?? this.pieces.at(-1);
    return piece ? piece.from + ((piece.to - piece.from) * Math.min(1, Math.max(0, place - piece.at) / Math.max(1e-9, piece.size))) : NaN;
  }

  /** Times to be written on the line, evenly spread. @param {number} most */
  ticks(most) {
    if (this.pieces.length === 0) return [];
    return Array.from({ length: most }, (_, index) => index / most).map((place) => ({ at: place, time: this.timeAt(place) }));
  }
}

/** Intervals without those that touch each other. @param {[number, number][]} intervals @returns {[number, number][]} */
function joined(intervals) {
  /** @type {[number, number][]} */
  const found = [];
  for (const [from, to] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const last = found.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else found.push([from, to]);
  }
  return found;
}
