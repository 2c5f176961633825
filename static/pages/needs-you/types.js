/** What the service sends about what waits for the user: types only, never loaded by the page. */

/** @typedef {"permission" | "question" | "failed" | "stale" | "broken" | "budget"} NeedKind */
/** @typedef {"confirmed" | "derived" | "cannot tell"} Certainty */

/**
 * Something that waits for the user. `text` is what it says: of an agent, and so untrusted.
 * @typedef {object} Need
 * @property {string} id
 * @property {NeedKind} kind
 * @property {string} source
 * @property {string} title
 * @property {string | null} text
 * @property {string} since
 * @property {Certainty} certainty
 * @property {string} rests_on
 * @property {string | null} link
 * @property {string | null} link_label
 * @property {string | null} project
 * @property {string | null} agent
 * @property {string | null} snoozed_until
 * @property {string | null} done_at
 * @property {string | null} done_by
 */

/** @typedef {{name: string, is_on: boolean, tells_of_agents: boolean, text: string}} NeedSource */
/** @typedef {{needs: number, working: number, unsure: number, is_known: boolean, text: string}} NeedSummary */
/** `hidden`: so many are snoozed or done. `next_change`: when a snooze ends. @typedef {{needs: Need[], hidden: number, next_change: string | null, summary: NeedSummary, sources: NeedSource[]}} NeedList */

export {};
