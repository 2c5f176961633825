/**
 * How values are said to people. Unknown is said as unknown, never guessed. Times and numbers are put together by hand:
 * the first use of the browser's own formatters takes longer than drawing the board.
 */
const UNITS = [
  [60, "s"],
  [60, "m"],
  [24, "h"],
  [7, "d"],
  [5, "w"],
];
const two = (number) => String(number).padStart(2, "0");

/** Milliseconds since 1970 of an ISO date or time; NaN for any other text. */
export function moment(text) {
  return typeof text === "string" && /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN;
}

/** "now", "42s", "5m", "3h", "2d", "6w", "2y": how long ago, in one unit. */
export function age(then_ms, now_ms = Date.now()) {
  if (Number.isNaN(then_ms)) return "";
  let amount = Math.max(0, (now_ms - then_ms) / 1000);
  if (amount < 5) return "now";
  for (const [size, unit] of UNITS) {
    if (amount < size) return `${Math.floor(amount)}${unit}`;
    amount /= size;
  }
  const days = (now_ms - then_ms) / 86_400_000;
  return days < 365 ? `${Math.floor(days / 30.4)}mo` : `${Math.floor(days / 365.25)}y`;
}

/** "12 s", "3 min", "2 h" for a duration. */
export function duration(length_ms) {
  const seconds = Math.max(0, Math.round(length_ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

/** "2026-02-11 14:05" in the reader's time zone; text that is not a time stays as it was written. */
export function dateTime(text) {
  const then = new Date(moment(text));
  if (Number.isNaN(then.getTime())) return String(text ?? "");
  if (text.length <= 10) return text;
  const day = `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())}`;
  return `${day} ${two(then.getHours())}:${two(then.getMinutes())}`;
}

/** The time of day, "14:05:09", in the reader's time zone. */
export function clock(text) {
  const then = new Date(moment(text));
  if (Number.isNaN(then.getTime())) return "";
  return `${two(then.getHours())}:${two(then.getMinutes())}:${two(then.getSeconds())}`;
}

/** 12,345 */
export function count(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** "1 task", "2 tasks". */
export function plural(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** Sizes of files. */
export function bytes(size) {
  if (size < 1024) return `${size} B`;
  if (size < 1_048_576) return `${(size / 1024).toFixed(1)} KB`;
  return size < 1_073_741_824 ? `${(size / 1_048_576).toFixed(1)} MB` : `${(size / 1_073_741_824).toFixed(1)} GB`;
}

/** "acceptance_criteria" as "Acceptance criteria"; other texts with their first letter raised. */
export function words(name) {
  const text = String(name).replace(/[_-]+/g, " ").trim();
  return text ? text[0].toUpperCase() + text.slice(1) : String(name);
}

/** The last part of a path. */
export function fileName(path) {
  return path.slice(path.lastIndexOf("/") + 1);
}
