/** Colours for the pages of a text: of its language from the top of the file on, or those that a terminal would show. */
import { Colours, MOST_CHARACTERS } from "../../lib/highlight.js";
import { lazily } from "../../lib/lazy.js";

/** @import {TextPage} from "./text-page.js" */

const loadAnsi = lazily(() => import("../../lib/ansi.js"), import.meta.resolve("../../lib/ansi.js"));

export class TextColours {
  #language;
  #wholeText;
  #signal;
  /** @type {Promise<Colours | null> | null} */
  #colours = null;

  /**
   * `wholeText()` gives all of the file, null if that is too much.
   * @param {string | null} language
   * @param {() => Promise<string | null>} wholeText
   * @param {AbortSignal} signal
   */
  constructor(language, wholeText, signal) {
    this.#language = language;
    this.#wholeText = wholeText;
    this.#signal = signal;
  }

  /** The file is another now. */
  forget() {
    this.#colours = null;
  }

  /**
   * Put colours into the pages; true if there are any.
   * @param {TextPage[]} pages
   */
  async show(pages) {
    if (pages.some(({ lines }) => lines.some(({ text }) => text.includes("\x1b[")))) return this.#showAnsi(pages);
    if (!this.#language || this.#language === "plaintext") return false;
    const colours = await (this.#colours ??= this.#find(pages));
    for (const page of pages) {
      if (page.isColoured || page.lines.length === 0) continue;
      const found = await colours?.lines(page.from - 1, page.lines.length);
      if (!found || this.#signal.aborted) return false;
      await page.colour(found, this.#signal);
    }
    return true;
  }

  /**
   * What a line is depends on all before it, also on those that are not shown.
   * @param {TextPage[]} pages
   */
  async #find(pages) {
    const isWhole = pages[0].from === 1 && !pages.at(-1)?.next && !pages.some(({ isClipped }) => isClipped);
    const text = isWhole ? pages.map(({ text }) => text).join("\n") : await this.#wholeText().catch(() => null);
    if (text === null || text.length > MOST_CHARACTERS) return null;
    return new Colours(text.replaceAll("\r\n", "\n"), this.#language);
  }

  /** @param {TextPage[]} pages */
  async #showAnsi(pages) {
    const { ansiPieces, newParser } = await loadAnsi();
    if (this.#signal.aborted) return false;
    const parser = newParser();
    for (const page of pages) {
      if (!page.isColoured) page.colourAnsi(ansiPieces, parser);
      else for (const { text } of page.lines) ansiPieces(text, parser);
    }
    return true;
  }
}
