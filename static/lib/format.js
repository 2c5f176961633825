/**
 * Values as texts. Unknown is shown as unknown, never guessed and never as 0. Times, numbers and amounts are put together by
 * hand (amounts give what `Intl.NumberFormat("en-US")` gives): the first use of the browser's own formatters takes longer
 * than drawing the board.
 */
/** What is shown where a value is not known. */
export const UNKNOWN = "—";
/** @type {[number, string][]} */
const UNITS = [
  [60, "s"],
  [60, "min"],
  [24, "h"],
  [7, "d"],
  [5, "wk"],
];
const LEAST_USD = 1e-6;
/** @type {[number, string][]} */
const STEPS = [
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
];
const two = (/** @type {number} */ number) => String(number).padStart(2, "0");

// Nothing may follow: `Date.parse` leaves out what is in brackets.
const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ][\d:.]+ ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * Milliseconds since 1970 of an ISO date or time; NaN for any other text.
 * @param {unknown} text
 */
export function moment(text) {
  return typeof text === "string" && ISO.test(text) ? Date.parse(text) : NaN;
}

const WRITTEN = [
  /^(?:[a-z]+[.,]* )?[a-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}(?![\d.])/i, // Nov 5, 2026
  /^(?:[a-z]+[.,]* )?\d{1,2}(?:st|nd|rd|th|\.)?[ -][a-z]{3,9}\.?,?[ -]\d{4}(?![\d.])/i, // 5 November 2026
  /^\d{4}\/\d{1,2}\/\d{1,2}(?![\d/])/,
];

/**
 * Like `moment`, also of dates as people write them; in UTC if no zone is named. NaN for any other text.
 * @param {unknown} text
 */
export function writtenMoment(text) {
  const known = moment(text);
  if (!Number.isNaN(known) || typeof text !== "string" || text.length > 60) return known;
  const [, day, month, year, rest] = /^(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})(?![\d.])(.*)$/.exec(text) ?? [];
  if (/^\d{4}(?:-\d\d)?$/.test(text)) return Date.parse(text);
  if (/^\d{10}(?:\d{3})?$/.test(text)) return Number(text.slice(0, 10)) * 1000;
  if (year) return inUtc(`${year}/${month}/${day}${rest}`);
  return WRITTEN.some((form) => form.test(text)) ? inUtc(text.replace(/(\d)(?:st|nd|rd|th|\.)(?=[ ,-])/gi, "$1")) : NaN;
}

/** @param {string} text */
function inUtc(text) {
  const hasZone = /(?:z|utc|gmt|[+-]\d\d:?\d\d)\)?$/i.test(text.replace(/^.*?\d{4}/, ""));
  return Date.parse(hasZone ? text : `${text} UTC`);
}

/**
 * "now", "42 s", "5 min", "3 h", "2 d", "4 wk", "2 mo", "2 y": how long ago, in one unit.
 * @param {number} then_ms
 * @param {number} now_ms
 */
export function age(then_ms, now_ms = Date.now()) {
  if (Number.isNaN(then_ms)) return "";
  let amount = Math.max(0, (now_ms - then_ms) / 1000);
  if (amount < 5) return "now";
  for (const [size, unit] of UNITS) {
    if (amount < size) return `${Math.floor(amount)} ${unit}`;
    amount /= size;
  }
  const days = (now_ms - then_ms) / 86_400_000;
  return days < 365 ? `${Math.floor(days / 30.4)} mo` : `${Math.floor(days / 365.25)} y`;
}

/**
 * "12 s", "3 min", "2 h" for a duration.
 * @param {number} length_ms
 */
export function duration(length_ms) {
  const seconds = Math.max(0, Math.round(length_ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

/**
 * "2026-02-11 14:05" in the reader's time zone; text that is not a time stays as it was written.
 * @param {unknown} text
 * @returns {string}
 */
export function dateTime(text) {
  const then = new Date(moment(text));
  if (Number.isNaN(then.getTime())) return String(text ?? "");
  if (String(text).length <= 10) return String(text);
  const day = `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())}`;
  return `${day} ${two(then.getHours())}:${two(then.getMinutes())}`;
}

/**
 * The time of day, "14:05:09", in the reader's time zone.
 * @param {unknown} text
 */
export function clock(text) {
  const then = new Date(moment(text));
  if (Number.isNaN(then.getTime())) return "";
  return `${two(then.getHours())}:${two(then.getMinutes())}:${two(then.getSeconds())}`;
}

/**
 * 12,345
 * @param {number | string} number
 */
export function count(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/**
 * "1 task", "2 tasks".
 * @param {number} number
 * @param {string} one
 * @param {string} many
 */
export function plural(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/**
 * Sizes of files.
 * @param {number} size
 */
export function bytes(size) {
  if (size < 1024) return `${size} B`;
  if (size < 1_048_576) return `${(size / 1024).toFixed(1)} KB`;
  return size < 1_073_741_824 ? `${(size / 1_048_576).toFixed(1)} MB` : `${(size / 1_073_741_824).toFixed(1)} GB`;
}

/**
 * "acceptance_criteria" as "Acceptance criteria". What is not made of words, such as "2.10", "1_000" or "gpt-4o", stays as
 * written.
 * @param {unknown} name
 */
export function sentenceCase(name) {
  const text = String(name);
  if (!/^[a-z]+(?:[_ -]+[a-z]+)*$/i.test(text)) return text;
  return text[0].toUpperCase() + text.slice(1).replace(/[_-]+/g, " ");
}

/**
 * The last part of a path.
 * @param {string} path
 */
export function fileName(path) {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * "$12,345.60", "$0.42"; below ten cents with two digits that say something: "$0.0042".
 * @param {number | null | undefined} usd
 */
export function money(usd) {
  if (usd === null || usd === undefined || Number.isNaN(usd)) return UNKNOWN;
  const size = Math.abs(usd);
  if (size > 0 && size < LEAST_USD) return `<$${LEAST_USD.toFixed(6)}`;
  const digits = size === 0 || size >= 0.1 ? 2 : 1 - Math.floor(Math.log10(size));
  const [whole, part] = size.toFixed(digits).split(".");
  return `${usd < 0 ? "-" : ""}$${count(whole)}.${part.slice(0, 2)}${part.slice(2).replace(/0+$/, "")}`;
}

/**
 * An amount for the eye, beside others: "$15", "$0.50", "$1,204", "$12.3 k".
 * @param {number} usd
 */
export function axisMoney(usd) {
  const size = Math.abs(usd);
  if (size >= 10_000) return `${usd < 0 ? "-" : ""}$${tokens(size)}`;
  if (size >= 100 || Number.isInteger(size)) return money(Math.round(usd)).replace(/\.00$/, "");
  return money(usd);
}

/**
 * A range as far as it is known: `[low, middle, high]` as amounts that say no more digits than the range is wide.
 * @param {number} low
 * @param {number} middle
 * @param {number} high
 */
export function roundedRange(low, middle, high) {
  const width = high - low || Math.abs(middle) / 20 || 1;
  const magnitude = 10 ** Math.floor(Math.log10(width / 5));
  const step = Math.max(0.01, magnitude * ([5, 2].find((size) => size * magnitude <= width / 5) ?? 1));
  return [low, middle, high].map((usd) => {
    const rounded = Math.round(usd / step) * step;
    return step >= 1 ? money(rounded).replace(/\.00$/, "") : money(rounded);
  });
}

/**
 * What is known of an amount, of which `unpriced` of `calls` are not: null if that is all of them.
 * @param {number | null | undefined} usd
 * @param {number} calls
 * @param {number} unpriced
 */
export function knownUsd(usd, calls, unpriced) {
  return calls > 0 && unpriced >= calls ? null : (usd ?? null);
}

/**
 * The same as a text: "—" if nothing is known.
 * @param {number | null | undefined} usd
 * @param {number} calls
 * @param {number} unpriced
 */
export function knownMoney(usd, calls, unpriced) {
  return money(knownUsd(usd, calls, unpriced));
}

/**
 * "950", "12.3 k", "1.24 M".
 * @param {number | null | undefined} number
 */
export function tokens(number) {
  if (number === null || number === undefined) return UNKNOWN;
  const [size, unit] = STEPS.find(([least]) => number >= least) ?? /** @type {const} */ ([1, ""]);
  if (unit === "") return String(number);
  const amount = number / size;
  return `${amount.toFixed(amount < 10 ? 2 : amount < 100 ? 1 : 0)} ${unit}`;
}

/**
 * All tokens of `{input, output, cache_read, cache_write}`; null if there is nothing to add.
 * @param {{input: number, output: number, cache_read: number, cache_write: number} | null | undefined} parts
 */
export function allTokens(parts) {
  return parts ? parts.input + parts.output + parts.cache_read + parts.cache_write : null;
}

/**
 * "97 %" of a share; what is not all or nothing is never shown as that, and beyond "> 999 %" no digits say anything.
 * @param {number | null | undefined} share
 */
export function percent(share) {
  if (share === null || share === undefined) return UNKNOWN;
  const hundredths = share * 100;
  if (hundredths > 999) return "> 999 %";
  if (hundredths > 0 && hundredths < 0.1) return "< 0.1 %";
  if (hundredths > 99 && hundredths < 100) return `${(Math.floor(hundredths * 10) / 10).toFixed(1)} %`;
  return `${hundredths < 10 && hundredths % 1 > 0.05 ? hundredths.toFixed(1) : Math.round(hundredths)} %`;
}

/**
 * "820 ms", "4.2 s", "3 min": how long a call took.
 * @param {number | null | undefined} length_ms
 */
export function latency(length_ms) {
  if (length_ms === null || length_ms === undefined) return UNKNOWN;
  if (length_ms < 1000) return `${Math.round(length_ms)} ms`;
  if (length_ms < 60_000) return `${(length_ms / 1000).toFixed(1)} s`;
  return `${Math.floor(length_ms / 60_000)} min ${Math.round((length_ms % 60_000) / 1000)} s`;
}
