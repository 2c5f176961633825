/** The lines of a log as far as they are known: the last of them, each with a number and how serious it is; pure. */
/** `key` is its number. @typedef {{key: string, level: string, text: string}} LogLine */

export const MOST_LINES = 20_000;
const LEVEL = /^\s*(?:\d\d:\d\d:\d\d(?:[.,]\d+)?\s+)?\[?(DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|FATAL)\]?(?![\w-])/;
/** @type {Record<string, string>} */
const SERIOUS = { WARN: "warning", WARNING: "warning", ERROR: "error", CRITICAL: "error", FATAL: "error" };
const TRACEBACK = /^Traceback \(most recent call last\):/;

/** "error", "warning", "debug" or "". @param {string} text */
export function levelOf(text) {
  if (TRACEBACK.test(text)) return "error";
  const found = LEVEL.exec(text)?.[1] ?? "";
  return found === "DEBUG" ? "debug" : (SERIOUS[found] ?? "");
}

export class LogLines {
  /** @type {LogLine[]} */
  lines = [];
  /** How many have come, with those that are not held any more. */
  count = 0;

  /** Begin again: what comes now is the end of the log. */
  clear() {
    this.lines = [];
    this.count = 0;
  }

  /** @param {string[]} texts */
  add(texts) {
    const added = texts.map((text) => ({ key: String(this.count++), level: levelOf(text), text }));
    const lines = this.lines.length + added.length > MOST_LINES ? [...this.lines, ...added].slice(-MOST_LINES) : [...this.lines, ...added];
    this.lines = lines;
  }

  /** Those that contain a text, and are as serious as asked for. @param {string} text @param {boolean} isSerious */
  shown(text, isSerious) {
    const wanted = text.trim().toLowerCase();
    if (!wanted && !isSerious) return this.lines;
    return this.lines.filter((line) => (!isSerious || line.level === "error" || line.level === "warning") && (!wanted || line.text.toLowerCase().includes(wanted)));
  }
}
