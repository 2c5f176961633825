/** The ranges to choose from, as the days of the service's time zone. */
/** @import {Bucket, Days, Query, Range, ShownRange} from "./types.js" */
import { dayIn } from "../../lib/zone.js";

const DAY_MS = 86_400_000;
const FIRST_DAY = "2020-01-01"; // there are no calls from before
/** @type {Record<Bucket, number>} */
const MOST_DAYS = { hour: 31, day: 1_000, month: Infinity }; // more steps than that are no picture
export const DEFAULT_RANGE = "30d";

/** @type {Range[]} */
export const RANGES = [
  { name: "today", label: "Today", bucket: "hour", from: (zone) => dayIn(zone) },
  { name: "24h", label: "24 h", bucket: "hour", from: (_, now) => new Date(now - DAY_MS).toISOString() },
  { name: "7d", label: "7 days", bucket: "day", from: (zone) => dayIn(zone, 6) },
  { name: "30d", label: "30 days", bucket: "day", from: (zone) => dayIn(zone, 29) },
  { name: "month", label: "This month", bucket: "day", from: (zone) => `${dayIn(zone).slice(0, 7)}-01` },
  { name: "90d", label: "90 days", bucket: "day", from: (zone) => dayIn(zone, 89) },
  { name: "year", label: "This year", bucket: "month", from: (zone) => `${dayIn(zone).slice(0, 4)}-01-01` },
  { name: "all", label: "All", bucket: "month", from: () => null },
];

/**
 * `{name, from, to, bucket, buckets}` of the query of the address: `from` and `to` are for the service, null where it is
 * open, `buckets` the steps in which the range can be shown.
 * @param {Query} query
 * @param {string | null} zone
 * @returns {ShownRange}
 */
export function rangeOf(query, zone, now_ms = Date.now()) {
  const { name, from, to, bucket } =
    isDay(query.from) || isDay(query.to) ? custom(query, zone) : preset(query, zone, now_ms);
  const days = (Date.parse(to ?? dayIn(zone)) - Date.parse(from ?? FIRST_DAY)) / DAY_MS + 1;
  const steps = /** @type {Bucket[]} */ (Object.keys(MOST_DAYS));
  const fitting = steps.filter((step) => days <= MOST_DAYS[step]);
  /** @type {Bucket[]} */
  const buckets = from === null ? ["month"] : fitting;
  const wanted = buckets.find((step) => step === query.bucket);
  const usual = bucket ?? (days <= 3 ? "hour" : days <= 120 ? "day" : "month");
  return { name, from, to, bucket: wanted ?? usual, buckets };
}

/**
 * @param {Query} query
 * @param {string | null} zone
 * @param {number} now_ms
 * @returns {Days}
 */
function preset(query, zone, now_ms) {
  const named = (/** @type {string | undefined} */ wanted) => RANGES.find(({ name }) => name === wanted);
  const { name, from, bucket } = named(query.range) ?? /** @type {Range} */ (named(DEFAULT_RANGE));
  return { name, from: from(zone, now_ms), to: null, bucket };
}

/**
 * @param {Query} query
 * @param {string | null} zone
 * @returns {Days}
 */
function custom(query, zone) {
  const from = isDay(query.from) ? query.from : FIRST_DAY;
  const to = isDay(query.to) ? query.to : dayIn(zone);
  return from <= to ? { name: "custom", from, to } : { name: "custom", from: to, to: from };
}

/** @param {string | undefined} text @returns {text is string} */
function isDay(text) {
  return text !== undefined && /^20\d{2}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}
