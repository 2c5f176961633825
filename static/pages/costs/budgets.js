/** Texts about budgets and their levels. */
/** @import {Budget, BudgetEvent, BudgetLevel, PageMark, Toast} from "../../lib/types.js" */
import { emit } from "../../lib/dom.js";
import { money, percent } from "../../lib/format.js";
import { notify } from "../../lib/notifications.js";

/** @type {Record<BudgetLevel, {label: string, tone: "good" | "warn" | "bad"}>} */
export const LEVELS = {
  ok: { label: "On track", tone: "good" },
  warn: { label: "Over 80 %", tone: "warn" },
  alert: { label: "Over the limit", tone: "bad" },
};

const KEY = "budget ";

/** "All calls", "Agent ada", "Project quay". @param {Pick<Budget, "scope" | "subject">} budget */
export function scopeOf({ scope, subject }) {
  return scope === "all" ? "All calls" : `${scope === "agent" ? "Agent" : "Project"} ${subject}`;
}

/**
 * The toast about a `cost.budget` event: `{tone, title, text}`; null where nothing has become worse.
 * @param {Pick<BudgetEvent, "budget" | "previous_level">} event
 * @returns {Toast | null}
 */
function budgetToast({ budget, previous_level }) {
  const order = Object.keys(LEVELS);
  if (order.indexOf(budget.level) <= order.indexOf(previous_level ?? "ok")) return null;
  const { name, level, spent_usd, limit_usd, share, period } = budget;
  return {
    tone: LEVELS[level].tone,
    title: level === "alert" ? `Budget “${name}” is used up` : `Budget “${name}” is at ${percent(share)}`,
    text: `${money(spent_usd)} of ${money(limit_usd)} ${period === "day" ? "today" : "this month"}. ${scopeOf(budget)}.`,
  };
}

/**
 * The mark of the navigation for all budgets: `{tone, label}`, null if all are within.
 * @param {Budget[]} budgets
 * @returns {PageMark | null}
 */
export function budgetMark(budgets) {
  const over = budgets.filter(({ level }) => level === "alert");
  const near = budgets.filter(({ level }) => level === "warn");
  if (over.length) return { tone: "bad", label: `${over.length} over budget` };
  return near.length ? { tone: "warn", label: `${near.length} near the budget` } : null;
}

/**
 * Bring the amounts of messages that are still shown up to date.
 * @param {Budget[]} budgets
 */
export function refreshMessages(budgets) {
  for (const budget of budgets) {
    const message = budgetToast({ budget, previous_level: "ok" });
    if (message) emit(document, "toast-change", { key: keyOf(budget), title: message.title, text: message.text });
  }
}

/** True while a message about a budget is shown. */
export function hasMessages() {
  return document.querySelector(`.toast[data-key^="${KEY}"]`) !== null;
}

/** @param {Budget} budget */
function keyOf({ name }) {
  return `${KEY}${name}`;
}

/** Show the message of a `cost.budget` event, in the page and on the desktop. @param {BudgetEvent} event */
export function announce(event) {
  const message = budgetToast(event);
  const key = keyOf(event.budget);
  if (!message) return emit(document, "toast-drop", { key }); // it is better now
  emit(document, "toast", { ...message, href: "#/costs", key });
  notify(message.title, message.text, key, { kind: "budget", href: "#/costs" });
}
