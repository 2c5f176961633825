/** Times in the service's time zone, in which its days and months begin; its formatters are made at first use. */
/** @type {Intl.DateTimeFormatOptions} */
const PARTS = {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
};
const DAY_MS = 86_400_000;

/** @type {Map<string | null, Intl.DateTimeFormat>} */
const formatters = new Map();

/**
 * "2026-02-11 14:05:09" there; text that is not a time stays as it is. `zone` is an IANA name, null the reader's own.
 * @param {string | null} zone
 * @param {string | number} time
 */
export function timeIn(zone, time) {
  const then = new Date(time);
  return Number.isNaN(then.getTime()) ? String(time ?? "") : formatter(zone).format(then).replace(",", "");
}

/**
 * Today's date there, "2026-02-11", or of the day so many days before.
 * @param {string | null} zone
 * @param {number} [days_ago]
 * @param {number} [now_ms]
 */
export function dayIn(zone, days_ago = 0, now_ms = Date.now()) {
  const today = timeIn(zone, now_ms).slice(0, 10);
  return new Date(Date.parse(today) - days_ago * DAY_MS).toISOString().slice(0, 10);
}

/**
 * How a bucket of a trend is called, from its start as an ISO time with its offset: "14:00", "02-11", "2026-02"; `isFull`:
 * also by itself, "2026-02-11 14:00", "2026-02-11".
 * @param {string} bucket
 * @param {string} start
 * @param {boolean} [isFull]
 */
export function bucketName(bucket, start, isFull = false) {
  if (bucket === "month") return start.slice(0, 7);
  if (bucket === "day") return isFull ? start.slice(0, 10) : start.slice(5, 10);
  return isFull ? `${start.slice(0, 10)} ${start.slice(11, 16)}` : start.slice(11, 16);
}

/** @param {string | null} zone */
function formatter(zone) {
  let known = formatters.get(zone);
  if (!known) formatters.set(zone, (known = made(zone)));
  return known;
}

/** @param {string | null} zone */
function made(zone) {
  try {
    return new Intl.DateTimeFormat("sv-SE", { ...PARTS, timeZone: zone ?? undefined });
  } catch {
    return new Intl.DateTimeFormat("sv-SE", PARTS); // a zone that this browser does not know
  }
}
