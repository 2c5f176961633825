/** Going somewhere in a log: what goes wrong is said, and where nothing is found too. */
import { emit } from "../../../lib/dom.js";

/**
 * What `going` leads to; undefined if it failed, which is said. `nothing` is said if it is false.
 * @template T
 * @param {HTMLElement} root
 * @param {Promise<T>} going
 * @param {string} [nothing]
 */
export async function attempt(root, going, nothing) {
  const result = await going.catch((error) => emit(root, "toast", { tone: "warn", title: "The log cannot be read", text: error.message }));
  if (result === false && nothing) emit(root, "toast", { tone: "good", title: "The log", text: nothing, key: "log-nothing" });
  return result;
}
