/** Runs highlight.js beside the page. Its markup is taken apart here: the page gets classes and texts, never markup. */
import hljs from "/vendor/@highlightjs/cdn-assets/highlight.min.js";

// What scripts/vendor.py brings besides the languages in the library itself.
const MORE = new Set(
  (
    "ada apache applescript arduino armasm asciidoc autohotkey awk bnf capnproto clojure cmake coffeescript " +
    "coq crystal d dart delphi django dockerfile dos dts ebnf elixir elm erb erlang excel fortran fsharp gherkin " +
    "glsl gradle groovy haml handlebars haskell haxe http julia latex lisp llvm matlab nginx nim nix nsis ocaml " +
    "openscad powershell processing prolog properties protobuf puppet qml reasonml sas scala scheme smali smalltalk " +
    "sml stata stylus tcl thrift twig vala vbscript verilog vhdl vim x86asm xquery"
  ).split(" "),
);
/** Grammars from packages of their own. @type {Record<string, string>} */
const OTHERS = {
  solidity: "/vendor/highlightjs-solidity/solidity.es.min.js",
  terraform: "/vendor/@taga3s/highlightjs-terraform/index.js",
  zig: "/vendor/highlightjs-zig/zig.min.js",
};
const PIECES = /<span class="([^"]*)">|(<\/span>)|([^<]+)/g;
/** @type {Record<string, string>} */
const NAMED = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&amp;": "&" };

const MOST_KEPT = 4;
/** The lines of the texts asked for last, by their keys. @type {Map<number, string[][]>} */
const known = new Map();

addEventListener("message", async ({ data: { number, ...asked } }) => {
  postMessage({ number, result: await linesOf(asked).catch(() => null) });
});

postMessage({ number: 0 });

/** @param {{key: number, text?: string, language: string, from: number, count: number}} asked */
async function linesOf({ key, text, language, from, count }) {
  if (text !== undefined) {
    if (!(await isKnown(language))) return null;
    known.set(key, split(hljs.highlight(text, { language, ignoreIllegals: true }).value));
    for (const old of known.keys()) if (known.size > MOST_KEPT) known.delete(old);
  }
  return known.get(key)?.slice(from, from + count) ?? null;
}

/** @param {string} language */
async function isKnown(language) {
  if (hljs.getLanguage(language)) return true;
  const path = MORE.has(language) ? `/vendor/@highlightjs/cdn-assets/${language}.min.js` : OTHERS[language];
  if (!path) return false;
  Object.assign(globalThis, { hljs }); // that of Zig registers itself there
  const { default: define, definer: grammar = define } = await import(path);
  if (grammar) hljs.registerLanguage(language, grammar);
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
