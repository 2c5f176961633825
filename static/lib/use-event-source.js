/**
 * Follow a stream of the dashboard from any page, or from Node: `useEventSource(topic, handlers)`.
 *
 * It resumes after the last event that it gave, so nothing is missed while the connection is down; if that cannot be (the
 * service was restarted, too much has happened) a `snapshot` comes instead. It reads with `fetch` and not with the browser's
 * `EventSource`, which gives up for good at the first error status, sends no token, and does not notice a connection that died:
 * the service writes a comment every 15 s, so silence means that.
 */

/** @typedef {"connecting" | "open" | "waiting" | "failed" | "closed"} StreamState */
/** @typedef {{seq: number, epoch: string, type: string, time: string} & Record<string, any>} StreamEvent */
/** What is called with each event of that type; "snapshot" with the state of the topic; "*" with all that has no other. */
/** @typedef {Record<string, (event: StreamEvent) => void>} StreamHandlers */

/**
 * @typedef {object} StreamOptions
 * @property {string} [base] Where the dashboard is; without it, where the page comes from.
 * @property {string | null} [token] Sent as a header.
 * @property {string | null} [since] `<epoch>.<seq>`: what the caller has already.
 * @property {(state: StreamState, problem: unknown) => void} [onState] "failed": the service refused, and nothing is tried again.
 * @property {number} [silence_ms] Without a byte for so long, the connection is taken for dead.
 * @property {number} [least_ms] The pause before the first try to come back, doubled with each one that follows.
 * @property {number} [most_ms] The longest pause.
 */

/** @typedef {{close: () => void, readonly state: StreamState, readonly position: string | null}} Stream */

const PASSING = new Set([408, 425, 429]);

/**
 * Follow a topic (`insights`, `tasks`, ...) until `close()`.
 * @param {string} topic
 * @param {StreamHandlers} handlers
 * @param {StreamOptions} [options]
 * @returns {Stream}
 */
export function useEventSource(topic, handlers, options = {}) {
  const { base = "", token = null, onState = () => {}, silence_ms = 40_000, least_ms = 500, most_ms = 30_000 } = options;
  const url = `${base}/streams/${encodeURIComponent(topic)}`;
  let position = options.since ?? null;
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
      /** @type {Record<string, string>} */
      const headers = { Accept: "text/event-stream" };
      if (position) headers["Last-Event-ID"] = position;
      if (token) headers.Authorization = `Bearer ${token}`;
      const response = await fetch(url, { headers, signal: connection.signal, cache: "no-store" });
      if (!response.ok || !response.body) throw new Refused(response.status);
      const parse = eventParser(give);
      const decoder = new TextDecoder();
      for (const reader = response.body.getReader(); ; ) {
        const { value, done } = await reader.read();
        if (done) return;
        watch.heard();
        failures = 0;
        become("open");
        parse(decoder.decode(value, { stream: true }));
      }
    } finally {
      watch.end();
      connection.abort();
    }
  }

  /** @param {{name: string, id: string | null, data: string}} message */
  function give({ name, id, data }) {
    if (state === "closed") return;
    const handler = handlers[name] ?? handlers["*"];
    if (id) {
      if (name !== "snapshot" && isOld(id, position)) return;
      position = id;
    }
    if (!handler) return;
    try {
      handler(JSON.parse(data));
    } catch (problem) {
      console.error(`a handler of ${name} failed`, problem); // the events that follow are given all the same
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
    get position() {
      return position;
    },
  };
}

/** The service answered, but not with a stream. */
export class Refused extends Error {
  /** @param {number} status */
  constructor(status) {
    super(`The stream was refused with status ${status}.`);
    this.name = "Refused";
    this.status = status;
    /** True if trying again cannot help: a wrong token, an unknown topic. */
    this.isFinal = status >= 400 && status < 500 && !PASSING.has(status);
  }
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
 * True if an event is one that was given before: of the same run of the service, and not with a higher number.
 * @param {string} id
 * @param {string | null} position
 */
export function isOld(id, position) {
  if (position === null) return false;
  const [epoch, seq] = parts(id);
  const [last_epoch, last_seq] = parts(position);
  return epoch === last_epoch && seq <= last_seq;
}

/** @param {string} id @returns {[string, number]} */
function parts(id) {
  const dot = id.lastIndexOf(".");
  return [id.slice(0, Math.max(0, dot)), Number(id.slice(dot + 1))];
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
