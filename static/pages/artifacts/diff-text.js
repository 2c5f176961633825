/** What is said about two contents of a file that are compared. */
import { clock, dateTime, moment } from "../../lib/format.js";
import { ago } from "../../ui/age.js";

/** @import {Diff, DiffWanted, Version} from "./types.js" */

const NOW_MS = 5_000;
const ENDS = { lf: "LF", crlf: "CRLF", mixed: "LF and CRLF mixed", none: "no line end" };

/**
 * The SHA-256 of the older content; null if there is none to compare with.
 * @param {DiffWanted} asked
 * @param {Version[]} versions
 */
export function olderOf({ from, to, base }, versions) {
  const isStored = (/** @type {string} */ sha256) => versions.some((version) => version.sha256 === sha256);
  if (from && isStored(from)) return from;
  const newer = versions.findIndex((version) => (to ? version.sha256 === to : version.current));
  if (!to && base && isStored(base.sha256) && base.sha256 !== versions[newer]?.sha256) return base.sha256;
  return versions.find((version, index) => index > newer && version.sha256 !== versions[newer]?.sha256)?.sha256 ?? null;
}

/**
 * When a content was seen.
 * @param {string} time
 */
export function agoText(time) {
  const then = moment(time);
  const age_ms = Date.now() - then;
  if (age_ms >= 86_400_000) return dateTime(time);
  return age_ms < NOW_MS ? ago(then) : `${ago(then)}, ${clock(time)}`;
}

/**
 * What is to be said of two contents besides their lines.
 * @param {Diff} diff
 */
export function remarks({ truncated, coarse, old_ends: old, new_ends: now, from, to }) {
  const mark = to.byte_order_mark ? "It begins with a byte order mark now." : "The byte order mark at its beginning is gone.";
  return [
    from.encoding !== to.encoding && `Encoding: ${from.encoding.toUpperCase()}, now ${to.encoding.toUpperCase()}.`,
    from.byte_order_mark !== to.byte_order_mark && mark,
    truncated && "Only the first changes are shown.",
    coarse && "Some of it is too large to be compared line by line.",
    old.kind !== now.kind && `Line ends: ${ENDS[old.kind]}, now ${ENDS[now.kind]}.`,
    old.last_ended !== now.last_ended && (now.last_ended ? "The last line has an end now." : "The last line has no end now."),
  ].filter(Boolean);
}

/**
 * Why no line differs.
 * @param {Diff} diff
 */
export function sameText({ from, to, old_ends: old, new_ends: now }) {
  if (from.sha256 === to.sha256) return "Both are the same.";
  const differs = [
    (old.kind !== now.kind || old.kind === "mixed" || old.last_ended !== now.last_ended) && "how they end",
    from.encoding !== to.encoding && "the encoding",
    from.byte_order_mark !== to.byte_order_mark && "the byte order mark",
  ].filter(Boolean);
  return `The lines are the same; ${differs.length ? `only ${differs.join(" and ")} differs` : "the bytes differ in what cannot be shown"}.`;
}
