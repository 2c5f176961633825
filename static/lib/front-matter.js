/** The facts that stand before the text of a Markdown file, between lines of `---` (YAML) or `+++` (TOML). */
import { escaped } from "./html.js";

const FRONT = /^\ufeff?(---|\+\+\+)[ \t]*\r?\n([\s\S]*?)\r?\n?(?:\1|\.\.\.)[ \t]*(?:\r?\n|$)/;
const ENTRY = /^(?:"([^"]+)"|([^\s:=#'"[{-][^:=]*?))\s*[:=](?:\s+(.*)|)$/;

/**
 * `{front, body}`: the markup of the facts, "" if there are none, and the text behind them.
 * @param {string} text
 */
export function splitFront(text) {
  const found = FRONT.exec(text);
  if (!found) return { front: "", body: text };
  const lines = found[2].split(/\r?\n/).filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const rows = rowsOf(lines);
  // A text that begins with a rule has no facts behind it.
  if (rows === null && found[1] === "---" && !/^\s*[\w"'-]+\s*:/m.test(found[2])) return { front: "", body: text };
  const front = rows ? table(rows) : folded(found[2]);
  return { front: lines.length > 0 ? front : "", body: text.slice(found[0].length) };
}

/**
 * `[[name, value]]`; null if it is not made of names and values. What is indented belongs to the name above.
 * @param {string[]} lines
 */
function rowsOf(lines) {
  /** @type {[string, string][]} */
  const rows = [];
  for (const line of lines) {
    const entry = ENTRY.exec(line);
    if (entry) rows.push([entry[1] ?? entry[2], entry[3] ?? ""]);
    else if (rows.length === 0 || !/^(?:\s|-|\]|\})/.test(line)) return null;
    else rows[rows.length - 1][1] += `\n${line}`;
  }
  return rows;
}

/** @param {string} value */
function dedented(value) {
  const lines = value.replace(/^\n/, "").split("\n");
  const depth = Math.min(...lines.filter((line) => line.trim()).map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(Number.isFinite(depth) ? depth : 0)).join("\n");
}

/** @param {[string, string][]} rows */
function table(rows) {
  const made = rows.map(([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(dedented(value))}</td></tr>`);
  return `<table class="front-matter"><tbody>${made.join("")}</tbody></table>`;
}

/** @param {string} text */
function folded(text) {
  return `<details class="front-matter"><summary>Front matter</summary><pre>${escaped(text)}</pre></details>`;
}
