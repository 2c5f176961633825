/** The one way to ask the service over HTTP. Every failure is an `HttpError`, whose message can be shown to the user. */
export class HttpError extends Error {
  /** `code` is the service's own name for what is wrong; `status` is 0 if the service could not be reached. */
  constructor(message, code, status) {
    super(message);
    this.name = "HttpError";
    this.code = code;
    this.status = status;
  }
}

/** A path with its parameters; those that are null, undefined or "" are left out. */
export function urlOf(path, query = {}) {
  const known = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return known.length ? `${path}?${new URLSearchParams(known)}` : path;
}

/** The JSON at a path. */
export async function getJson(path, query = {}, signal = undefined) {
  const response = await request(path, { query, signal, headers: { Accept: "application/json" } });
  const body = await response.json().catch((failure) => {
    if (failure.name === "AbortError") throw failure;
    return null;
  });
  if (body === null) throw new HttpError(unexpected(response), "NO_JSON", response.status);
  return body;
}

/** The response of a request that succeeded. An aborted one throws the browser's own `AbortError`. */
export async function request(path, { query = {}, ...options } = {}) {
  let response;
  try {
    response = await fetch(urlOf(path, query), options);
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw new HttpError("The service cannot be reached.", "UNREACHABLE", 0);
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  throw new HttpError(body?.error ?? unexpected(response), body?.code ?? "NO_JSON", response.status);
}

function unexpected({ status, statusText }) {
  return `The service answered ${status} ${statusText}.`;
}
