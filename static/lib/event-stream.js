/**
 * Read an event stream (HTML standard, 9.2) with `fetch`, and come back when the connection is lost: `followStream(request, on)`.
 *
 * Not the browser's `EventSource`, which gives up for good at the first error status, sends no token, and does not notice a
 * connection that died: the service writes a comment every 15 or 30 s, so silence means that.
 */

/** @typedef {"connecting" | "open" | "waiting" | "failed" | "closed"} StreamState */
/** @typedef {{name: string, id: string | null, data: string}} StreamMessage */

/**
 * @typedef {object} StreamListener
 * @property {(message: StreamMessage) => void} onMessage
 * @property {(isFirst: boolean) => void} [onPiece] All messages of what came at once were given; `isFirst` of this connection.
 * @property {(state: StreamState, problem: unknown) => void} [onState] "failed": the service refused, and nothing is tried again.
 */

/**
 * @typedef {object} StreamTimes
 * @property {number} [silence_ms] Without a byte for so long, the connection is taken for dead.
 * @property {number} [least_ms] The pause before the first try to come back, doubled with each one that follows.
 * @property {number} [most_ms] The longest pause.
 */

/** @typedef {{close: () => void, readonly state: StreamState}} EventStream */

const PASSING = new Set([408, 425, 429]);

/**
 * Follow a stream until `close()`; `request()` says before each connection what is asked for.
 * @param {() => {url: string, headers?: Record<string, string>}} request
 * @param {StreamListener} listener
 * @param {StreamTimes} [times]
 * @returns {EventStream}
 */
export function followStream(request, { onMessage, onPiece = () => {}, onState = () => {} }, times = {}) {
  const { silence_ms = 45_000, least_ms = 500, most_ms = 30_000 } = times;
  let failures = 0;
  /** @type {StreamState} */
  let state = "connecting";
  let connection = new AbortController();
  /** Ends the pause between two tries. @type {() => void} */
  let wake = () => {};

  /** @param {StreamState} next @param {unknown} [problem] */
  function become(next, problem = null) {
    if (state === "closed" || state === next) return;
    state = next;
    onState(next, problem);
  }

  const isOver = () => state === "closed" || state === "failed";

  /** Read one connection to its end. Throws what ended it. */
  async function read() {
    connection = new AbortController();
    const watch = silenceWatch(silence_ms, () => connection.abort());
    try {
      const { url, headers } = request();
      const response = await fetch(url, { headers: { Accept: "text/event-stream", ...headers }, signal: connection.signal, cache: "no-store" });
      if (!response.ok || !response.body) throw await refusalOf(response);
      const parse = eventParser((message) => state === "closed" || onMessage(message));
      const decoder = new TextDecoder();
      let isFirst = true;
      for (const reader = response.body.getReader(); ; isFirst = false) {
        const { value, done } = await reader.read();
        if (done) return;
        watch.heard();
        failures = 0;
        become("open");
        parse(decoder.decode(value, { stream: true }));
        if (state !== "closed") onPiece(isFirst);
      }
    } finally {
      watch.end();
      connection.abort();
    }
  }

  async function follow() {
    while (!isOver()) {
      /** @type {unknown} */
      let problem = null;
      try {
        await read();
      } catch (error) {
        problem = error;
        if (error instanceof Refused && error.isFinal) return become("failed", error);
      }
      become("waiting", problem);
      if (!isOver()) await pause(pauseAfter(failures++, least_ms, most_ms));
    }
  }

  /** @param {number} wait_ms */
  function pause(wait_ms) {
    return new Promise((/** @type {(value?: unknown) => void} */ done) => {
      const timer = setTimeout(done, wait_ms);
      wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }

  const returned = () => wake();
  globalThis.addEventListener?.("online", returned);
  follow();
  return {
    close() {
      become("closed");
      globalThis.removeEventListener?.("online", returned);
      connection.abort();
      wake();
    },
    get state() {
      return state;
    },
  };
}

/** The service answered, but not with a stream. */
export class Refused extends Error {
  /** @param {number} status @param {string} [reason] */
  constructor(status, reason = `The stream was refused with status ${status}.`) {
    super(reason);
    this.name = "Refused";
    this.status = status;
    /** True if trying again cannot help: a wrong token, an unknown topic. */
    this.isFinal = status >= 400 && status < 500 && !PASSING.has(status);
  }
}

/** @param {Response} response */
async function refusalOf(response) {
  const body = await response.json().catch(() => null);
  return new Refused(response.status, typeof body?.error === "string" ? body.error : undefined);
}

/**
 * How long to wait after so many failures: longer each time, and not for all clients at the same moment.
 * @param {number} failures
 * @param {number} least_ms
 * @param {number} most_ms
 */
export function pauseAfter(failures, least_ms, most_ms) {
  return Math.min(most_ms, least_ms * 2 ** Math.min(failures, 30)) * (0.5 + Math.random() / 2);
}

/**
 * A function that takes pieces of an event stream and gives its events (HTML standard, 9.2.6: parsing an event stream).
 * @param {(message: {name: string, id: string | null, data: string}) => void} give
 */
export function eventParser(give) {
  let rest = "";
  /** @type {string[]} */
  let data = [];
  let name = "";
  /** @type {string | null} */
  let id = null;

  /** @param {string} line */
  function take(line) {
    if (line === "") {
      if (data.length) give({ name: name || "message", id, data: data.join("\n") });
      data = [];
      name = "";
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") data.push(value);
    else if (field === "event") name = value;
    else if (field === "id" && !value.includes("\0")) id = value;
  }

  return (/** @type {string} */ text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line.endsWith("\r") ? line.slice(0, -1) : line);
  };
}

/** @param {number} silence_ms @param {() => void} onSilence */
function silenceWatch(silence_ms, onSilence) {
  let timer = setTimeout(onSilence, silence_ms);
  return {
    heard() {
      clearTimeout(timer);
      timer = setTimeout(onSilence, silence_ms);
    },
    end: () => clearTimeout(timer),
  };
}
