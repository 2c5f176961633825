/** Notifications about what began to wait for the user, on the desktop: only where they were switched on. */
import { notify } from "../../lib/notifications.js";
import { chosenKinds, kindOfNeed } from "../../lib/notify-choices.js";
/** @import {Need} from "./types.js" */

const MOST_AT_ONCE = 3;
const PLACE = "#/needs-you";

/**
 * Show one for each whose kind is wanted, or one for all if there are many. Budgets are announced by the page of costs.
 * @param {Need[]} needs
 */
export function announce(needs) {
  const chosen = chosenKinds();
  const wanted = needs.filter(({ kind }) => kind !== "budget" && chosen.has(kindOfNeed(kind)));
  if (wanted.length > MOST_AT_ONCE) {
    notify(`${wanted.length} more things need you`, wanted[0].title, "needs-you", { kind: kindOfNeed(wanted[0].kind), href: PLACE });
    return;
  }
  for (const { id, kind, title, text, certainty } of wanted) {
    notify(title, text ?? `Certainty: ${certainty}`, `need-${id}`, { kind: kindOfNeed(kind), href: PLACE });
  }
}

/** Show one, to try how they look. */
export function tryNotification() {
  notify("Notifications are on", "You will be told here when something needs you.", "needs-you-try", { href: PLACE });
}
