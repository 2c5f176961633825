/** A whole file of Markdown, rendered beside the page and shown block by block: see markdown.js for what remains of it. */
import { Helper } from "./helper.js";
import { markIn } from "./hidden.js";
import { loadFileSanitizer, plain } from "./markdown.js";
import { HERE } from "./markdown-rules.js";
import { inChunks, turn } from "./slices.js";

/** @import {FileContext} from "./types.js" */

const LONGEST_MS = 4_000;
const LONGEST_BLOCK = 60_000;
const GROUP = 4_000;
const GROUP_PX = 600;

/** @typedef {{markup: string, raw: string}} Block */

/** @type {Helper | null} */
let helper = null;

/**
 * Show a text in `place`, in place of what was there; `file` says what its links and pictures mean. With `isHtml` it is the
 * HTML of a notebook. False if the text could not be rendered in time, or `signal` was aborted.
 * @param {Element} place
 * @param {string} text
 * @param {FileContext & {isHtml?: boolean, signal: AbortSignal}} file
 */
export async function showMarkdown(place, text, { isHtml = false, signal, ...file }) {
  helper ??= new Helper(import.meta.resolve("./markdown-worker.js"), LONGEST_MS);
  const [clean, blocks] = await Promise.all([loadFileSanitizer(), helper.ask({ text, isHtml })]);
  if (blocks === null || signal.aborted) return false;
  await turn();
  // The beginning is shown at once; what is there already stays until all of the new is ready.
  const parts = place.hasChildNodes() ? document.createDocumentFragment() : place;
  const options = { size: 1, height_px: GROUP_PX, signal };
  const done = await inChunks(parts, grouped(blocks), (group) => shown(group, clean, file), options);
  if (done && parts !== place) place.replaceChildren(parts);
  return done;
}

/**
 * The element in a rendered text that a link such as `#heading` means; null if there is none.
 * @param {Element} place
 * @param {string} name
 */
export function anchorIn(place, name) {
  const id = `user-content-${name}`;
  return place.querySelector(`[id="${CSS.escape(id)}" i], [id="${CSS.escape(`user-content-${encodeURIComponent(name)}`)}" i], a[name="${CSS.escape(id)}" i]`);
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
 * @param {FileContext} file
 */
function shown({ markup, raw }, clean, file) {
  if (markup.length > LONGEST_BLOCK) return plain(raw);
  const parts = markIn(clean(markup));
  for (const link of parts.querySelectorAll("a")) lead(link, file);
  for (const place of parts.querySelectorAll("span.picture")) place.replaceWith(pictureFor(place, file));
  return parts;
}

/**
 * @param {HTMLAnchorElement} link
 * @param {FileContext} file
 */
function lead(link, { addressOf }) {
  if (!link.href.startsWith(HERE)) return;
  const address = addressOf(hrefIn(link.href));
  link.removeAttribute("target");
  link.removeAttribute("rel");
  if (address === null) link.removeAttribute("href");
  else link.setAttribute("href", address);
}

/**
 * A picture of the project; one of elsewhere as a link, since loading it would tell its server who reads this.
 * @param {Element} place
 * @param {FileContext} file
 */
function pictureFor(place, { pictureAt }) {
  const [, width, height, address] = /^(\d*)x(\d*) (.*)$/s.exec(place.getAttribute("title") ?? "") ?? ["", "", "", ""];
  const name = place.textContent ?? "";
  const inside = address.startsWith(HERE);
  const source = inside ? pictureAt(hrefIn(address)) : address.startsWith("data:") ? address : null;
  if (source) {
    const image = Object.assign(document.createElement("img"), { alt: name, loading: "lazy", decoding: "async", src: source });
    if (width) image.width = Number(width);
    if (height) image.height = Number(height);
    return image;
  }
  const isLink = /^https?:/i.test(address) && !inside && !place.closest("a");
  const shownName = `🖼 ${name || (inside ? hrefIn(address) : address)}`;
  if (!isLink) return document.createTextNode(shownName);
  const link = { href: address, target: "_blank", rel: "noopener noreferrer", title: "A picture elsewhere: it is not loaded" };
  return Object.assign(document.createElement("a"), link, { textContent: shownName });
}

/** @param {string} address */
function hrefIn(address) {
  try {
    return decodeURIComponent(address.slice(HERE.length));
  } catch {
    return "";
  }
}
