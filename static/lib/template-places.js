/** Where the values of a template of html.js are put. */

/** Text, an attribute that is read, or another one, which has to stay as it is. @typedef {"text" | "read" | "kept"} Place */

/** @type {WeakMap<TemplateStringsArray, Place[]>} */
const places = new WeakMap();
const READ = /\s(?:title|aria-label|alt|placeholder)="[^"]*$/;

/**
 * The place of the value behind each of the strings.
 * @param {TemplateStringsArray} strings
 */
export function placesOf(strings) {
  let found = places.get(strings);
  if (!found) {
    let before = "";
    places.set(strings, (found = strings.map((string) => placeAfter((before += string)))));
  }
  return found;
}

/**
 * @param {string} text
 * @returns {Place}
 */
function placeAfter(text) {
  const tag = text.slice(text.lastIndexOf("<"));
  if (!/^<[a-z]/i.test(tag) || tag.replace(/"[^"]*(?:"|$)/g, "").includes(">")) return "text";
  return READ.test(tag) ? "read" : "kept";
}
