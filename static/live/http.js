/** The one way to ask the service over HTTP. Every failure is an `HttpError`, whose message can be shown to the user. */
/** @typedef {Record<string, string | number | boolean | null | undefined>} Query */

export class HttpError extends Error {
  /**
   * `code` is the service's own name for what is wrong; `status` is 0 if the service could not be reached.
   * @param {string} message
   * @param {string} code
   * @param {number} status
   * @param {Record<string, unknown>} details
   */
  constructor(message, code, status, details = {}) {
    super(message);
    this.name = "HttpError";
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/**
 * A path with its parameters; those that are null, undefined or "" are left out.
 * @param {string} path
 * @param {Query} query
 */
export function urlOf(path, query = {}) {
  const isGiven = (/** @type {[string, unknown]} */ [, value]) => value !== null && value !== undefined && value !== "";
  const known = Object.entries(query).filter(isGiven).map(([name, value]) => [name, String(value)]);
  return known.length ? `${path}?${new URLSearchParams(known)}` : path;
}

/**
 * A value of a filter, which is one whatever commas are in it.
 * @template {string | null | undefined} T
 * @param {T} text
 */
export function oneValue(text) {
  return text?.replaceAll(",", "\\,");
}

/**
 * The JSON at a path.
 * @param {string} path
 * @param {Query} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function getJson(path, query = {}, signal = undefined) {
  const response = await request(path, { query, signal, headers: { Accept: "application/json" } });
  const body = await response.json().catch((failure) => {
    if (isAbort(failure)) throw failure;
    return null;
  });
  if (body === null) throw new HttpError(unexpected(response), "NO_JSON", response.status);
  return body;
}

/**
 * The JSON that answers a body.
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<any>}
 */
export async function postJson(path, body = {}) {
  const headers = { Accept: "application/json", "Content-Type": "application/json" };
  const response = await request(path, { method: "POST", body: JSON.stringify(body), headers });
  return response.json().catch(() => null);
}

/**
 * The response of a request that succeeded. An aborted one throws the browser's own `AbortError`.
 * @param {string} path
 * @param {RequestInit & {query?: Query}} [options]
 */
export async function request(path, { query = {}, ...options } = {}) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(urlOf(path, query), options);
  } catch (failure) {
    if (isAbort(failure)) throw failure;
    throw new HttpError("The service cannot be reached.", "UNREACHABLE", 0);
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  throw new HttpError(body?.error ?? unexpected(response), body?.code ?? "NO_JSON", response.status, body?.details);
}

/** @param {unknown} failure */
function isAbort(failure) {
  return failure instanceof Error && failure.name === "AbortError";
}

/** @param {Response} response */
function unexpected({ status, statusText }) {
  return `The service answered ${status} ${statusText}.`;
}
