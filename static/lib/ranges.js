/** Where something is in a text. */

/**
 * Where a word is in a text, upper and lower case alike: at most a hundred places.
 * @param {string} text
 * @param {string} word
 * @returns {[number, number][]}
 */
export function rangesOf(text, word) {
  if (!word) return [];
  const [within, wanted] = [text.toLowerCase(), word.toLowerCase()];
  if (within.length !== text.length) return []; // letters that change their length: rather no mark than a wrong one
  /** @type {[number, number][]} */
  const ranges = [];
  for (let at = within.indexOf(wanted); at >= 0 && ranges.length < 100; at = within.indexOf(wanted, at + wanted.length)) {
    ranges.push([at, at + wanted.length]);
  }
  return ranges;
}
