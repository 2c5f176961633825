/** A whole file of Markdown, rendered beside the page and shown block by block: see markdown.js for what is kept of it. */
import { Helper } from "./helper.js";
import { loadSanitizer, plain } from "./markdown.js";
import { HERE } from "./markdown-rules.js";
import { inSlices, turn } from "./slices.js";

const LONGEST_MS = 4_000;
const LONGEST_BLOCK = 60_000;

let helper = null;

/**
 * Show a text in `place`. `addressOf(href)` gives the address of a link to another file, null where it leads nowhere.
 * False if the text could not be rendered in time, or `signal` was aborted.
 */
export async function showMarkdown(place, text, { addressOf, signal }) {
  helper ??= new Helper("/lib/markdown-worker.js", LONGEST_MS);
  const [clean, blocks] = await Promise.all([loadSanitizer(), helper.ask({ text })]);
  if (blocks === null || signal.aborted) return false;
  await turn();
  const parts = document.createDocumentFragment();
  const done = await inSlices(
    blocks,
    ({ markup, raw }) => parts.append(markup.length > LONGEST_BLOCK ? plain(raw) : linked(clean(markup), addressOf)),
    signal,
  );
  if (done) place.replaceChildren(parts);
  return done;
}

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

function wanted(href) {
  try {
    return decodeURIComponent(href.slice(HERE.length));
  } catch {
    return "";
  }
}
