/** The REST calls of the page of sessions; what goes wrong is an `HttpError`. */
import { getJson } from "../../live/http.js";
/** @import {Query} from "../../live/http.js" */
/** @import {MatchAnswer, Row, RowsAnswer, SessionDetail, SessionPage} from "./types.js" */

const base = (/** @type {string} */ id) => `/api/session-logs/${encodeURIComponent(id)}`;

/** @param {Query} query @param {AbortSignal} signal @returns {Promise<SessionPage>} */
export const getSessions = (query, signal) => getJson("/api/session-logs", query, signal);

/** @param {string} id @param {AbortSignal} signal @returns {Promise<SessionDetail>} */
export const getSession = (id, signal) => getJson(base(id), {}, signal);

/** @param {string} id @param {Query} query @param {AbortSignal} [signal] @returns {Promise<RowsAnswer>} */
export const getRows = (id, query, signal) => getJson(`${base(id)}/lines`, query, signal);

/** @param {string} id @param {number} line @returns {Promise<Row>} */
export const getLine = (id, line) => getJson(`${base(id)}/lines/${line}`);

/** @param {string} id @param {Query} query @param {AbortSignal} signal @returns {Promise<MatchAnswer>} */
export const getMatches = (id, query, signal) => getJson(`${base(id)}/search`, query, signal);
