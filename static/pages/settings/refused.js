/** What stands for a tab that the service does not give. */
import { refusal, state } from "../../ui/state.js";

/**
 * @param {string} what
 * @param {Error} error
 */
export function refused(what, error) {
  const title = `${what} cannot be shown`;
  if (!("status" in error && error.status === 403)) return refusal("settings-refused", title, error);
  return state({ name: "settings-refused", sign: "alert", isPart: true, isAlert: true, title, text: "Only an admin may see them." });
}
