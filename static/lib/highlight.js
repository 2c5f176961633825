/** Source text in colours. A worker finds the parts to colour: see helper.js. */
import { Helper } from "./helper.js";

const MOST_CHARACTERS = 400_000;
const LONGEST_MS = 4_000;

/** @type {Helper | null} */
let helper = null;

/**
 * The lines of a text, each a flat list `[class, text, class, text...]`; null if it is too long, if the language (as
 * highlight.js names it) is not known, or if that took too long.
 * @param {string} text
 * @param {string | null} language
 * @returns {Promise<string[][] | null>}
 */
export async function highlighted(text, language) {
  if (!language || language === "plaintext" || text.length > MOST_CHARACTERS) return null;
  helper ??= new Helper(import.meta.resolve("./highlight-worker.js"), LONGEST_MS);
  return helper.ask({ text, language });
}
