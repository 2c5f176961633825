/** A whole file of Markdown, rendered beside the page and shown block by block: see markdown.js for what remains of it. */
import { Helper } from "./helper.js";
import { loadSanitizer, plain } from "./markdown.js";
import { HERE } from "./markdown-rules.js";
import { inChunks, turn } from "./slices.js";

const LONGEST_MS = 4_000;
const LONGEST_BLOCK = 60_000;
const GROUP = 4_000;
const GROUP_PX = 600;

/** @typedef {{markup: string, raw: string}} Block */
/** @typedef {(href: string) => string | null} AddressOf */

/** @type {Helper | null} */
let helper = null;

/**
 * Show a text in `place`, in place of what was there. `addressOf(href)` gives the address of a link to another file, null
 * where it leads nowhere. False if the text could not be rendered in time, or `signal` was aborted.
 * @param {Element} place
 * @param {string} text
 * @param {{addressOf: AddressOf, signal: AbortSignal}} options
 */
export async function showMarkdown(place, text, { addressOf, signal }) {
  helper ??= new Helper(import.meta.resolve("./markdown-worker.js"), LONGEST_MS);
  const [clean, blocks] = await Promise.all([loadSanitizer(), helper.ask({ text })]);
  if (blocks === null || signal.aborted) return false;
  await turn();
  // The beginning is shown at once; what is there already stays until all of the new is ready.
  const parts = place.hasChildNodes() ? document.createDocumentFragment() : place;
  const options = { size: 1, height_px: GROUP_PX, signal };
  const done = await inChunks(parts, grouped(blocks), (group) => shown(group, clean, addressOf), options);
  if (done && parts !== place) place.replaceChildren(parts);
  return done;
}

/**
 * Blocks together as far as they are cleaned quickly: each time has its price.
 * @param {Block[]} blocks
 */
function grouped(blocks) {
  /** @type {Block[]} */
  const groups = [];
  let length = Infinity;
  for (const { markup, raw } of blocks) {
    if (length + markup.length > GROUP) {
      groups.push({ markup: "", raw: "" });
      length = 0;
    }
    const group = groups[groups.length - 1];
    group.markup += markup;
    group.raw += raw;
    length += markup.length;
  }
  return groups;
}

/**
 * @param {Block} block
 * @param {(markup: string) => DocumentFragment} clean
 * @param {AddressOf} addressOf
 */
function shown({ markup, raw }, clean, addressOf) {
  if (markup.length > LONGEST_BLOCK) return plain(raw);
  return linked(clean(markup), addressOf);
}

/**
 * @param {DocumentFragment} parts
 * @param {AddressOf} addressOf
 */
function linked(parts, addressOf) {
  for (const link of parts.querySelectorAll("a")) {
    if (!link.href.startsWith(HERE)) continue;
    const address = addressOf(wanted(link.href));
    link.removeAttribute("target");
    if (address === null) link.removeAttribute("href");
    else link.setAttribute("href", address);
  }
  return parts;
}

/** @param {string} href */
function wanted(href) {
  try {
    return decodeURIComponent(href.slice(HERE.length));
  } catch {
    return "";
  }
}
