/** The encodings in which a file can be read where the guess was wrong: as src/llm_service/artifacts/contents/encodings.py. */
import { html } from "../../lib/html.js";

/** @import {FileAnswer} from "./types.js" */

/** @type {[string, string][]} */
const GROUPS = [
  ["Unicode", "utf-8 utf-16le utf-16be"],
  ["Western", "windows-1252 iso-8859-15 macintosh ibm437 ibm850"],
  ["Central European", "windows-1250 iso-8859-2 iso-8859-16"],
  ["Cyrillic", "windows-1251 koi8-r koi8-u iso-8859-5 ibm866 x-mac-cyrillic"],
  ["Japanese", "shift_jis euc-jp iso-2022-jp"],
  ["Chinese", "gb18030 big5"],
  ["Korean", "euc-kr"],
  ["Greek", "windows-1253 iso-8859-7"],
  ["Turkish", "windows-1254 iso-8859-3"],
  ["Hebrew and Arabic", "windows-1255 iso-8859-8 windows-1256 iso-8859-6"],
  ["Baltic and Nordic", "windows-1257 iso-8859-4 iso-8859-10 iso-8859-13 iso-8859-14"],
  ["Thai and Vietnamese", "windows-874 windows-1258"],
];

/**
 * A list to choose the encoding from; `chosen` is the one that the address asks for.
 * @param {FileAnswer} answer
 * @param {string | undefined} chosen
 */
export function encodingSelect({ encoding, encoding_guessed: guessed, damaged }, chosen) {
  if (!encoding) return null;
  const found = chosen ? "Found out" : `${encoding.toUpperCase()}${guessed ? " (guessed)" : ""}`;
  const option = (/** @type {string} */ name) =>
    html`<option value="${name}" ${name === chosen ? html`selected` : null}>${name.toUpperCase()}</option>`;
  const groups = GROUPS.map(([label, names]) => html`<optgroup label="${label}">${names.split(" ").map(option)}</optgroup>`);
  return html`<select class="encoding" aria-label="Encoding" title="Read it in another encoding" data-testid="encoding"><option value="">${found}</option>${groups}</select>${damaged ? " damaged" : null}`;
}
