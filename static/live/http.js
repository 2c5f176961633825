/** The REST calls that the page makes. Each throws an `ApiError` whose message can be shown. */
export class ApiError extends Error {
  constructor(message, code, status) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Everything about one task; `path` picks a file where several carry the id. */
export function getTask(id, path, signal) {
  return get(`/api/tasks/${encodeURIComponent(id)}${path ? `?path=${encodeURIComponent(path)}` : ""}`, signal);
}

/** `{events, seq, epoch, gap}`: at most `limit` events after a number, of these topics. */
export function getEvents(since, epoch, limit, topics) {
  return get(`/api/events?${new URLSearchParams({ since, epoch, limit, topics })}`);
}

/** The service's own account of its health. */
export function getHealth() {
  return get("/health");
}

/** The JSON of an address of the service. */
export async function get(address, signal) {
  const response = await answerTo(address, signal);
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  const message = body?.error ?? `The service answered ${response.status} ${response.statusText}.`;
  throw new ApiError(message, body?.code ?? "NO_JSON", response.status);
}

async function answerTo(address, signal) {
  try {
    return await fetch(address, { headers: { Accept: "application/json" }, signal });
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw new ApiError("The service cannot be reached.", "UNREACHABLE", 0);
  }
}
