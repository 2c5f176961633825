/** Questions to the service, one at a time: an answer never overtakes another, and a slow one is not given up for the next. */

/**
 * `ask()` runs `body`. While it runs, however many calls are one more run after it.
 * @param {() => Promise<unknown>} body
 */
export function oneAtATime(body) {
  let isRunning = false;
  let isAgain = false;
  return async function ask() {
    isAgain = true;
    if (isRunning) return;
    isRunning = true;
    try {
      while (isAgain) {
        isAgain = false;
        await body();
      }
    } finally {
      isRunning = false;
    }
  };
}
