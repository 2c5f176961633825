/** A picture made by agents. Of pixels, from its bytes: a blob has no address of its own that a document could be loaded from. */
import { one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { note } from "./states.js";

const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/**
 * Show the picture that `load()` gives as a blob; the address is given back when `signal` is aborted.
 * @param {Element} place
 * @param {{load: () => Promise<Blob>, name: string, signal: AbortSignal}} picture
 */
export async function showPicture(place, { load, name, signal }) {
  const blob = await load();
  if (signal.aborted) return;
  if (!SHOWN.has(blob.type.split(";")[0])) {
    render(place, note({ name: "binary", title: "Not a picture", text: "Its content is not what its name says. It can be downloaded." }));
    return;
  }
  const address = URL.createObjectURL(blob);
  signal.addEventListener("abort", () => URL.revokeObjectURL(address));
  frame(place, { address, name });
}

/**
 * Show an SVG: inside of an `img` nothing of it runs, and nothing is fetched for it. True, as it is shown.
 * @param {Element} place
 * @param {{address: string, name: string, signal: AbortSignal}} picture
 */
export function showSvg(place, { address, name }) {
  frame(place, { address, name });
  return true;
}

/**
 * @param {Element} place
 * @param {{address: string, name: string}} picture
 */
function frame(place, { address, name }) {
  render(place, html`<figure class="picture-box" data-testid="picture"><div class="picture-ground"><img alt="${name}" decoding="async" /></div><figcaption></figcaption></figure>`);
  /** @type {HTMLImageElement} */
  const image = one(place, "img");
  const caption = one(place, "figcaption");
  image.addEventListener("load", () => (caption.textContent = `${image.naturalWidth} × ${image.naturalHeight}`));
  image.addEventListener("error", () => (caption.textContent = "The picture is damaged and cannot be shown."));
  image.src = address;
}
