/** Source text in colours. A worker finds the parts to colour and keeps them: see helper.js. */
import { Helper } from "./helper.js";

/** The longest text that is coloured, in characters. */
export const MOST_CHARACTERS = 1_500_000;
const LONGEST_MS = 8_000;

/** @type {Helper | null} */
let helper = null;
let last = 0;

/**
 * The colours of one text, from its beginning: what a line is depends on those before it. `language` is as highlight.js
 * names it.
 */
export class Colours {
  #text;
  #language;
  #key = (last += 1);
  #isSent = false;

  /**
   * @param {string} text
   * @param {string | null} language
   */
  constructor(text, language) {
    this.#text = text;
    this.#language = language;
  }

  /**
   * Lines from `from` (0 is the first) on, each a flat list `[class, text, class, text...]`; null if the text is too long,
   * if the language is not known, or if that took too long.
   * @param {number} from
   * @param {number} count
   * @returns {Promise<string[][] | null>}
   */
  async lines(from, count) {
    if (!this.#language || this.#language === "plaintext" || this.#text.length > MOST_CHARACTERS) return null;
    helper ??= new Helper(import.meta.resolve("./highlight-worker.js"), LONGEST_MS);
    const wanted = { key: this.#key, language: this.#language, from, count };
    const found = this.#isSent ? await helper.ask(wanted) : null;
    if (found) return found;
    this.#isSent = true;
    return helper.ask({ ...wanted, text: this.#text });
  }
}
