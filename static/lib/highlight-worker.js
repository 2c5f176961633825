/** Runs highlight.js beside the page. Its markup is taken apart here: the page gets classes and texts, never markup. */
import hljs from "/vendor/@highlightjs/cdn-assets/highlight.min.js";

// What scripts/vendor.py brings besides the languages in the library itself.
const MORE = new Set(
  "awk clojure cmake dart dockerfile elixir erlang fsharp groovy haskell http julia latex nginx nix ocaml powershell properties protobuf scala vim".split(
    " ",
  ),
);
const PIECES = /<span class="([^"]*)">|(<\/span>)|([^<]+)/g;
/** @type {Record<string, string>} */
const NAMED = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&amp;": "&" };

addEventListener("message", async ({ data: { number, text, language } }) => {
  postMessage({ number, result: await linesOf(text, language).catch(() => null) });
});

/**
 * @param {string} text
 * @param {string} language
 */
async function linesOf(text, language) {
  if (!(await isKnown(language))) return null;
  return split(hljs.highlight(text, { language, ignoreIllegals: true }).value);
}

/** @param {string} language */
async function isKnown(language) {
  if (hljs.getLanguage(language)) return true;
  if (!MORE.has(language)) return false;
  const { default: define } = await import(`/vendor/@highlightjs/cdn-assets/${language}.min.js`);
  hljs.registerLanguage(language, define);
  return true;
}

/**
 * Lines of `[class, text, ...]`. What is inside of others has the class of the innermost.
 * @param {string} markup
 */
function split(markup) {
  /** @type {string[][]} */
  const lines = [[]];
  /** @type {string[]} */
  const open = [];
  for (const [, name, end, text] of markup.matchAll(PIECES)) {
    if (name !== undefined) open.push(name);
    else if (end) open.pop();
    else add(lines, open.at(-1) ?? "", text.replace(/&(?:lt|gt|quot|amp|#x27);/g, (entity) => NAMED[entity]));
  }
  return lines;
}

/**
 * @param {string[][]} lines
 * @param {string} name
 * @param {string} text
 */
function add(lines, name, text) {
  text.split("\n").forEach((part, index) => {
    if (index) lines.push([]);
    if (part) lines[lines.length - 1].push(name, part);
  });
}
