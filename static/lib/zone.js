/** Times in the service's time zone, in which its days and months begin; its formatters are made at first use. */
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const PARTS = {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
};
const DAY_MS = 86_400_000;

const formatters = new Map();

/** "2026-02-11 14:05:09" there; text that is not a time stays as it is. `zone` is an IANA name, null the reader's own. */
export function timeIn(zone, time) {
  const then = new Date(time);
  return Number.isNaN(then.getTime()) ? String(time ?? "") : formatter(zone).format(then).replace(",", "");
}

/** Today's date there, "2026-02-11", or of the day so many days before. */
export function dayIn(zone, days_ago = 0, now_ms = Date.now()) {
  const today = timeIn(zone, now_ms).slice(0, 10);
  return new Date(Date.parse(today) - days_ago * DAY_MS).toISOString().slice(0, 10);
}

/** How a bucket of a trend is called, from its start as an ISO time with its offset: "14:00", "Feb 11", "Feb 2026". */
export function bucketName(bucket, start, isFull = false) {
  const [year, month, day] = start.slice(0, 10).split("-").map(Number);
  const name = `${MONTHS[month - 1]} ${day}`;
  if (bucket === "month") return `${MONTHS[month - 1]} ${year}`;
  if (bucket === "day") return isFull ? `${name}, ${year}` : name;
  return isFull ? `${name}, ${start.slice(11, 16)}` : start.slice(11, 16);
}

function formatter(zone) {
  if (!formatters.has(zone)) formatters.set(zone, made(zone));
  return formatters.get(zone);
}

function made(zone) {
  try {
    return new Intl.DateTimeFormat("sv-SE", { ...PARTS, timeZone: zone ?? undefined });
  } catch {
    return new Intl.DateTimeFormat("sv-SE", PARTS); // a zone that this browser does not know
  }
}
