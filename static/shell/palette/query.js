/**
 * What a person types into the search, as a query: words that must all occur, `-word` for one that must not,
 * `status:failed,blocked` for one of several values, `-agent:ada` for none, quotes around spaces. Pure. The service reads the same
 * text in the same way (search/model.py); tests/samples/search_queries.json is checked by both.
 */
/** @typedef {{name: string, values: string[], isNot: boolean}} Field */
/** @typedef {{words: string[], without: string[], fields: Field[]}} Query */

export const FIELDS = ["kind", "status", "agent", "project", "lane", "priority", "tag", "flag", "model"];
const MOST_CHARACTERS = 500;
const MOST_TERMS = 16;

/**
 * The query in a text; what is too much of it is left out.
 * @param {string} text
 * @returns {Query}
 */
export function parse(text) {
  /** @type {Query} */
  const query = { words: [], without: [], fields: [] };
  for (const { term, isNot } of termsOf(text.slice(0, MOST_CHARACTERS).toLowerCase()).slice(0, MOST_TERMS)) {
    const at = term.indexOf(":");
    const name = term.slice(0, Math.max(0, at));
    if (at > 0 && FIELDS.includes(name)) {
      const values = [...new Set(term.slice(at + 1).split(",").map((value) => value.trim()).filter(Boolean))];
      if (values.length > 0) query.fields.push({ name, values, isNot });
    } else {
      query[isNot ? "without" : "words"].push(term);
    }
  }
  query.words = [...new Set(query.words)];
  query.without = [...new Set(query.without)];
  return query;
}

/** True if it says nothing to search for. @param {Query} query */
export function isEmpty({ words, fields }) {
  return words.length === 0 && fields.length === 0;
}

/**
 * True if all words occur in a text in small letters, and none that must not.
 * @param {Query} query
 * @param {string} text
 */
export function isIn({ words, without }, text) {
  return words.every((word) => text.includes(word)) && !without.some((word) => text.includes(word));
}

/**
 * True for what has these values: field → values. A field that it does not have fits only where its values are excluded.
 * @param {Query} query
 * @param {Record<string, (string | null | undefined)[]>} facts
 */
export function fits({ fields }, facts) {
  return fields.every(({ name, values, isNot }) => {
    if (name === "kind") return true;
    const has = (facts[name] ?? []).some((value) => value && values.includes(value.toLowerCase()));
    return has !== isNot;
  });
}

/**
 * True if that kind of things (`tasks`, also written `task`) is searched for.
 * @param {Query} query
 * @param {string} kind
 */
export function wants({ fields }, kind) {
  return fields.every(({ name, values, isNot }) => name !== "kind" || values.some((value) => kind.startsWith(value)) !== isNot);
}

/**
 * The terms of a text, split at spaces that are not in quotes; the quotes are left out.
 * @param {string} text
 */
function termsOf(text) {
  /** @type {{term: string, isNot: boolean}[]} */
  const found = [];
  let [term, isQuoted, isNot, hasBegun] = ["", false, false, false];
  for (const character of `${text} `) {
    if (character === '"') {
      isQuoted = !isQuoted;
      hasBegun = true;
    } else if (/\s/.test(character) && !isQuoted) {
      if (term) found.push({ term, isNot });
      [term, isNot, hasBegun] = ["", false, false];
    } else if (character === "-" && !hasBegun && !isQuoted) {
      [isNot, hasBegun] = [true, true];
    } else {
      term += character;
      hasBegun = true;
    }
  }
  if (term.trim()) found.push({ term: term.trim(), isNot }); // a quotation that does not end
  return found;
}
