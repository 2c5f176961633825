/** When things run: once a frame, at most so often, when the browser is idle, after painting. */

/** `schedule()` runs `body` once in the next animation frame, however often it is called before. */
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

/** `schedule()` runs `body` at once, then at most every `interval_ms`; the last call is never dropped. */
export function atMostEvery(interval_ms, body) {
  let last = -Infinity;
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

/** `schedule()` runs `body` when the browser is idle, at most every `interval_ms`; the last call is never dropped. */
export function whenIdle(interval_ms, body) {
  let timer = null;
  const onIdle = globalThis.requestIdleCallback ?? setTimeout;
  return function schedule() {
    timer ??= setTimeout(() => {
      timer = null;
      onIdle(() => body(), { timeout: 1_000 });
    }, interval_ms);
  };
}

/** Calls back once the frame that is being made now has been painted. */
export function afterPaint(callback) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(null);
}
