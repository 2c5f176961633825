/**
 * Asks the host that has something, from this browser straight to it: no other server sees the token. A token is the user's own, asked
 * for once for each origin, kept in this tab (sessionStorage) under the origin it is for, and sent nowhere else.
 */
import { HttpError } from "../live/http.js";

const KEY = "llm-service-token-of ";

/**
 * The address of a host with its origin; null for what is none that a page may be opened at. It is another host's text.
 * @param {string | null | undefined} url
 */
export function addressOf(url) {
  if (typeof url !== "string" || url.length > 2_000) return null;
  /** @type {URL} */
  let parsed;
  try {
    parsed = new URL(url);
  } catch {
    return null;
  }
  if (!["http:", "https:"].includes(parsed.protocol) || parsed.username || parsed.password) return null;
  return { origin: parsed.origin, base: parsed.origin + parsed.pathname.replace(/\/+$/, "") };
}

/**
 * Where the page of a host shows something; null if it has no address.
 * @param {string | null | undefined} url
 * @param {string} page
 * @param {string | null} [item]
 */
export function ownerLink(url, page, item = null) {
  const found = addressOf(url);
  return found && `${found.base}/#/${page}${item === null ? "" : `/${encodeURIComponent(item)}`}`;
}

/**
 * Remember a token for an origin, or forget it (null).
 * @param {string} origin
 * @param {string | null} token
 */
export function keepToken(origin, token) {
  if (token === null) sessionStorage.removeItem(KEY + origin);
  else sessionStorage.setItem(KEY + origin, token);
}

/** @param {string} origin */
export function hasToken(origin) {
  return sessionStorage.getItem(KEY + origin) !== null;
}

/**
 * The JSON that the owner answers. Throws an HttpError: `code` is "NO_ADDRESS" where it has none, "UNREACHABLE" where it does not answer
 * this page, and the status 401 or 403 where it wants a token, or another one.
 * @param {string | null | undefined} url of the host
 * @param {string} path
 * @param {{method?: string, body?: object, signal?: AbortSignal}} [options]
 * @returns {Promise<any>}
 */
export async function askOwner(url, path, { method = "GET", body, signal } = {}) {
  const found = addressOf(url);
  if (!found) throw new HttpError("This host has not said where it can be reached (its setting public_url).", "NO_ADDRESS", 0);
  const token = sessionStorage.getItem(KEY + found.origin);
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json", ...(body ? { "Content-Type": "application/json" } : {}), ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  /** @type {Response} */
  let response;
  try {
    // Never on to another place: the token is for this origin.
    response = await fetch(found.base + path, { method, headers, body: body && JSON.stringify(body), signal, credentials: "omit", redirect: "error", referrerPolicy: "no-referrer", cache: "no-store" });
  } catch (failure) {
    if (failure instanceof Error && failure.name === "AbortError") throw failure;
    throw new HttpError(`${found.origin} does not answer this page. It has to be reachable from this browser, and its setting cors_origins has to name ${location.origin}. If that host joined after this page was opened, load the page again.`, "UNREACHABLE", 0);
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  throw new HttpError(typeof answer?.error === "string" ? answer.error : `${found.origin} answered ${response.status}.`, typeof answer?.code === "string" ? answer.code : "NO_JSON", response.status);
}

/** True if it was for want of the right token. @param {unknown} error */
export function wantsToken(error) {
  return error instanceof HttpError && error.status === 401;
}
