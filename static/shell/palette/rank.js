/** How well something matches, the best few of many, and where the words are in a text. Pure. */

/** Boundaries at which a word begins: `crawl` begins one in `web-crawler`, not in `scrawl`. */
const BEFORE_WORD = /[^\p{L}\p{N}]/u;

/**
 * How well words match a name in small letters: higher is better, 0 if one of them is not in it. The whole name is better than its
 * beginning, that than the beginning of a word, that than anywhere; short names are better than long ones.
 * @param {string[]} words
 * @param {string} name
 */
export function score(words, name) {
  let sum = 0;
  for (const word of words) {
    const at = name.indexOf(word);
    if (at < 0) return 0;
    if (name === word) sum += 100;
    else if (at === 0) sum += 60;
    else if (BEFORE_WORD.test(name[at - 1]) || beginsLater(name, word, at)) sum += 40;
    else sum += 20;
  }
  return sum + 10 / (1 + name.length / 40);
}

/**
 * @param {string} name
 * @param {string} word
 * @param {number} after
 */
function beginsLater(name, word, after) {
  for (let at = name.indexOf(word, after + 1); at > 0; at = name.indexOf(word, at + 1)) if (BEFORE_WORD.test(name[at - 1])) return true;
  return false;
}

/** The best few of many, without sorting them all. @template Item */
export class Best {
  /** @type {{item: Item, points: number}[]} */
  #found = [];
  #most;
  /** How many were offered. */
  total = 0;

  /** @param {number} most */
  constructor(most) {
    this.#most = most;
  }

  /**
   * Of two with the same points the first one comes first.
   * @param {Item} item
   * @param {number} points
   */
  offer(item, points) {
    this.total += 1;
    const found = this.#found;
    if (found.length === this.#most && points <= found[found.length - 1].points) return;
    let at = found.length;
    while (at > 0 && found[at - 1].points < points) at -= 1;
    found.splice(at, 0, { item, points });
    if (found.length > this.#most) found.pop();
  }

  /** The best first. */
  get items() {
    return this.#found.map(({ item }) => item);
  }
}

/**
 * A text in parts: `[text, isHit]`, one after the other.
 * @param {string} text
 * @param {string[]} words
 * @returns {[string, boolean][]}
 */
export function parts(text, words) {
  const small = text.toLowerCase();
  if (small.length !== text.length) return [[text, false]]; // places would differ (İ): rather no mark than a wrong one
  const isHit = new Uint8Array(text.length);
  for (const word of words) {
    for (let at = small.indexOf(word); word && at >= 0; at = small.indexOf(word, at + word.length)) isHit.fill(1, at, at + word.length);
  }
  /** @type {[string, boolean][]} */
  const found = [];
  for (let from = 0, at = 1; at <= text.length; at += 1) {
    if (at < text.length && isHit[at] === isHit[from]) continue;
    found.push([text.slice(from, at), isHit[from] === 1]);
    from = at;
  }
  return found;
}
