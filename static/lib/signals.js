/**
 * Signals: values that notify their readers. An effect runs again when a signal that it read has changed. Below, when things
 * run: once a frame, at most so often, when the browser is idle, after painting.
 */
/**
 * @template T
 * @typedef {{value: T, peek: () => T}} Signal
 */

/** @typedef {{sources: Set<Set<Reader>>, run: () => void}} Reader */

/** @type {Reader | null} */
let reader = null;

/**
 * `{value}`: reading inside an effect subscribes it, writing another value runs the subscribers.
 * @template T
 * @param {T} value
 * @returns {Signal<T>}
 */
export function signal(value) {
  /** @type {Set<Reader>} */
  const readers = new Set();
  return {
    get value() {
      if (reader) {
        readers.add(reader);
        reader.sources.add(readers);
      }
      return value;
    },
    set value(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const each of [...readers]) each.run();
    },
    /** The value without subscribing. */
    peek: () => value,
  };
}

/**
 * Runs now and after every change of what it read; returns a function that ends it.
 * @param {() => unknown} body
 * @returns {() => void}
 */
export function effect(body) {
  /** @type {Reader} */
  const self = {
    sources: new Set(),
    run() {
      stop();
      const outer = reader;
      reader = self;
      try {
        body();
      } finally {
        reader = outer;
      }
    },
  };
  function stop() {
    for (const readers of self.sources) readers.delete(self);
    self.sources.clear();
  }
  self.run();
  return stop;
}

/**
 * `schedule()` runs `body` once in the next animation frame, however often it is called before.
 * @param {() => void} body
 */
export function oncePerFrame(body) {
  let waiting = false;
  return function schedule() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      body();
    });
  };
}

/**
 * `schedule()` runs `body` at once, then at most every `interval_ms`; the last call is never dropped.
 * @param {number} interval_ms
 * @param {() => void} body
 */
export function atMostEvery(interval_ms, body) {
  let last = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | null} */
  let timer = null;
  function run() {
    timer = null;
    last = performance.now();
    body();
  }
  return function schedule() {
    if (timer !== null) return;
    const wait = last + interval_ms - performance.now();
    if (wait <= 0) run();
    else timer = setTimeout(run, wait);
  };
}

/**
 * `schedule()` runs `body` when the browser is idle, at most every `interval_ms`; the last call is never dropped.
 * @param {number} interval_ms
 * @param {() => void} body
 */
export function whenIdle(interval_ms, body) {
  /** @type {ReturnType<typeof setTimeout> | null} */
  let timer = null;
  const onIdle = globalThis.requestIdleCallback ?? ((/** @type {() => void} */ task) => setTimeout(task));
  return function schedule() {
    timer ??= setTimeout(() => {
      timer = null;
      onIdle(() => body(), { timeout: 1_000 });
    }, interval_ms);
  };
}

/**
 * Calls back once the frame that is being made now has been painted.
 * @param {() => void} callback
 */
export function afterPaint(callback) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(null);
}

/**
 * Fulfilled when the next frame has been drawn.
 * @returns {Promise<void>}
 */
export function afterFrame() {
  return new Promise((done) => requestAnimationFrame(() => setTimeout(() => done())));
}
