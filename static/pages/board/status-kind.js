/** What kind of thing a status says, for its mark. */
/** @typedef {"done" | "active" | "waiting" | "bad" | "plain"} Kind */

// Words as people and agents write them, with any separators; whatever is not known has the plain mark.
/** @type {[Kind, RegExp][]} */
const KINDS = [
  ["bad", /^(?:error(?:ed)?|fail(?:ed|ing|ure)?|crashed|time[- _]?(?:d[- _]?)?out|stuck|stalled|rejected|invalid)\b/],
  ["waiting", /^(?:blocked|waiting|awaiting|paused|suspended|on[- _]?hold|hold|held|deferred|postponed|pending|needs|in[- _]?review|review(?:ing)?|under[- _]?review)\b/],
  ["done", /^(?:done|complete[d]?|closed|finished|resolved|fixed|implemented|merged|shipped|released|deployed|delivered|published|verified|approved|success(?:ful)?|succeeded|cancell?ed)\b/],
  ["active", /^(?:in[- _]?progress|wip|doing|started|active|working|ongoing|underway|running|executing|processing|implementing|coding|building|testing|in[- _]?dev(?:elopment)?)\b/],
];

/**
 * What kind of status a word is, for its mark.
 * @param {string} status
 * @returns {Kind}
 */
export function kindOfStatus(status) {
  const word = status.toLowerCase().replaceAll("_", "-");
  return KINDS.find(([, words]) => words.test(word))?.[0] ?? "plain";
}
