/** The ranges to choose from, as the days of the service's time zone. */
/** @import {Before, Bucket, Days, Query, Range, ShownRange} from "./types.js" */
import { dayIn, timeIn } from "../../lib/zone.js";

const DAY_MS = 86_400_000;
const FIRST_DAY = "2020-01-01"; // there are no calls from before
/** @type {Record<Bucket, number>} */
const MOST_DAYS = { hour: 31, day: 1_000, month: Infinity }; // more steps than that are no picture
const MOST_OUTER = 8; // so many ranges are remembered to zoom out to
const TIME = /^20\d{2}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?$/;
const DAY_LENGTH = 10;
export const DEFAULT_RANGE = "30d";

/** @type {Range[]} */
export const RANGES = [
  { name: "today", label: "Today", bucket: "hour", from: (zone) => dayIn(zone) },
  { name: "24h", label: "24 h", bucket: "hour", from: (_, now) => new Date(now - DAY_MS).toISOString() },
  { name: "7d", label: "7 days", bucket: "day", from: (zone) => dayIn(zone, 6) },
  { name: "30d", label: "30 days", bucket: "day", from: (zone) => dayIn(zone, 29) },
  { name: "month", label: "This month", bucket: "day", before: "month", from: (zone) => `${dayIn(zone).slice(0, 7)}-01` },
  { name: "90d", label: "90 days", bucket: "day", from: (zone) => dayIn(zone, 89) },
  { name: "year", label: "This year", bucket: "month", before: "year", from: (zone) => `${dayIn(zone).slice(0, 4)}-01-01` },
  { name: "all", label: "All", bucket: "month", from: () => null },
];

/**
 * `{name, from, to, bucket, buckets, before}` of the query of the address: `from` and `to` are for the service, null where it
 * is open, `buckets` the steps in which the range can be shown, `before` what it can be compared with.
 * @param {Query} query
 * @param {string | null} zone
 * @returns {ShownRange}
 */
export function rangeOf(query, zone, now_ms = Date.now()) {
  const { name, from, to, bucket, before } =
    isTime(query.from) || isTime(query.to) ? custom(query, zone) : preset(query, zone, now_ms);
  const isWhole = (to ?? "").length <= DAY_LENGTH; // a day is in the range, a time ends it
  const days = (Date.parse(to ?? dayIn(zone)) - Date.parse(from ?? FIRST_DAY)) / DAY_MS + (isWhole ? 1 : 0);
  const steps = /** @type {Bucket[]} */ (Object.keys(MOST_DAYS));
  const fitting = steps.filter((step) => days <= MOST_DAYS[step]);
  /** @type {Bucket[]} */
  const buckets = from === null ? ["month"] : fitting;
  const wanted = buckets.find((step) => step === query.bucket);
  const usual = bucket ?? (days <= 3 ? "hour" : days <= 120 ? "day" : "month");
  return { name, from, to, bucket: wanted ?? usual, buckets, before: from === null ? null : (before ?? "length") };
}

/**
 * The address parameters of a range inside of the one that `query` shows, which is remembered to zoom out to.
 * @param {Query} query
 * @param {{from: string, to: string}} inner
 */
export function zoomedIn(query, inner) {
  const outer = [...outerRanges(query), textOf(query)].slice(-MOST_OUTER);
  return { range: "", bucket: "", ...inner, out: outer.join(",") };
}

/**
 * Those of the range around the one that `query` shows: where it was zoomed from, else the usual one; null if it is a named
 * range, out of which nothing leads.
 * @param {Query} query
 */
export function zoomedOut(query) {
  const outer = outerRanges(query);
  const last = outer.pop();
  if (last === undefined) return isTime(query.from) || isTime(query.to) ? { range: "", from: "", to: "", bucket: "", out: "" } : null;
  const [from, to] = last.split("~");
  const isNamed = to === undefined;
  return { range: isNamed ? from : "", from: isNamed ? "" : from, to: to ?? "", bucket: "", out: outer.join(",") };
}

/**
 * The last day or hour of a bucket as the service takes `to`: a day is included, a time is not.
 * @param {Bucket} bucket
 * @param {string} start of the bucket, as the service writes it
 * @param {string | undefined} next the start of the one after
 */
export function bucketEnd(bucket, start, next) {
  if (bucket === "hour") return next ?? new Date(Date.parse(start) + 3_600_000).toISOString();
  if (bucket === "day") return start.slice(0, DAY_LENGTH);
  const [year, month] = start.split("-").map(Number);
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, DAY_LENGTH);
}

/**
 * The start of a bucket as the service takes `from`.
 * @param {Bucket} bucket
 * @param {string} start
 */
export function bucketStart(bucket, start) {
  return bucket === "hour" ? start : start.slice(0, DAY_LENGTH);
}

/**
 * A time of the address for people: "2026-11-18", "2026-11-18 14:00".
 * @param {string} time
 * @param {string | null} zone
 */
export function timeText(time, zone) {
  if (time.length <= DAY_LENGTH) return time;
  return /(?:Z|[+-]\d{2}:\d{2})$/.test(time) ? timeIn(zone, time).slice(0, 16) : time.slice(0, 16).replace("T", " ");
}

/** True for a day or a time of the address. @param {string | undefined} text @returns {text is string} */
export function isTime(text) {
  return text !== undefined && TIME.test(text) && !Number.isNaN(Date.parse(text));
}

/** @param {Query} query */
function outerRanges({ out = "" }) {
  const isRange = (/** @type {string} */ text) => RANGES.some(({ name }) => name === text) || text.split("~").every(isTime);
  return out.split(",").filter((text) => text !== "" && isRange(text)).slice(-MOST_OUTER);
}

/** @param {Query} query */
function textOf({ range, from, to }) {
  if (isTime(from) || isTime(to)) return `${isTime(from) ? from : FIRST_DAY}~${isTime(to) ? to : dayIn(null)}`;
  return RANGES.find(({ name }) => name === range)?.name ?? DEFAULT_RANGE;
}

/**
 * @param {Query} query
 * @param {string | null} zone
 * @param {number} now_ms
 * @returns {Days}
 */
function preset(query, zone, now_ms) {
  const named = (/** @type {string | undefined} */ wanted) => RANGES.find(({ name }) => name === wanted);
  const { name, from, bucket, before } = named(query.range) ?? /** @type {Range} */ (named(DEFAULT_RANGE));
  return { name, from: from(zone, now_ms), to: null, bucket, before };
}

/**
 * @param {Query} query
 * @param {string | null} zone
 * @returns {Days}
 */
function custom(query, zone) {
  const from = isTime(query.from) ? query.from : FIRST_DAY;
  const to = isTime(query.to) ? query.to : dayIn(zone);
  return Date.parse(from) <= Date.parse(to) ? { name: "custom", from, to } : { name: "custom", from: to, to: from };
}
