/** Notifications: on this desktop, which this browser remembers, and by the service to an address. */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { flag, html, icon, render } from "../../lib/html.js";
import { notifications, notify, showNotifying, toggleNotifications } from "../../lib/notifications.js";
import { KINDS, chooseKind, chosenKinds, quietHours, setQuietHours } from "../../lib/notify-choices.js";
import { getJson, postJson } from "../../live/http.js";
import { panel } from "../../ui/panel.js";
import { snippet } from "../../ui/snippet.js";
/** @import {Setting, SettingList} from "./types.js" */

export const tag = "notify-view";

/** Why they cannot be switched on. @type {Record<string, string>} */
const REASONS = {
  missing: "This browser shows none here: it has no notifications, or the page is not served from this machine or by https.",
  denied: "This browser is set not to show notifications of this page: allow them in its settings of this site, and load the page again.",
};

class NotifyView extends HTMLElement {
  connectedCallback() {
    if (this.firstChild) return;
    render(this, frame());
    delegate(this, "click", ".notify", async () => {
      const now = await toggleNotifications();
      this.#draw();
      if (now === "on") this.#try();
    });
    delegate(this, "click", ".try-desktop", () => this.#try());
    delegate(this, "click", ".try-webhook", (_, button) => this.#tryWebhook(/** @type {HTMLButtonElement} */ (button)));
    delegate(this, "change", "[name=kind]", (_, /** @type {HTMLInputElement} */ box) => chooseKind(box.value, box.checked));
    delegate(this, "change", "[type=time]", () => {
      const [from, to] = [valueOf(this, "from"), valueOf(this, "to")];
      setQuietHours(from && to && from !== to ? { from, to } : null);
    });
  }

  async show() {
    this.#draw();
    const place = one(this, ".webhook-state");
    try {
      render(place, webhook(await getJson("/api/settings")));
    } catch (error) {
      const isForbidden = /** @type {import("../../live/http.js").HttpError} */ (error).status === 403;
      render(place, html`<p>${isForbidden ? "An admin sees here whether messages are sent to an address." : /** @type {Error} */ (error).message}</p>`);
    }
  }

  hide() {}

  #draw() {
    const now = notifications();
    showNotifying(one(this, ".notify"), now);
    const reason = one(this, ".no-notifications");
    reason.hidden = !(now in REASONS);
    reason.textContent = REASONS[now] ?? "";
    const button = /** @type {HTMLButtonElement} */ (one(this, ".try-desktop"));
    button.disabled = now !== "on";
  }

  #try() {
    notify("This is how a notification looks", "A click on one leads to what it is about.", "try", { href: "#/settings/notifications" });
  }

  /** @param {HTMLButtonElement} button */
  async #tryWebhook(button) {
    button.setAttribute("aria-disabled", "true");
    try {
      const { host } = await postJson("/api/notifications/try");
      emit(this, "toast", { tone: "good", title: "A message was sent", text: `To ${host}. If it does not arrive, the log says why.` });
    } catch (error) {
      emit(this, "toast", { tone: "warn", title: "No message was sent", text: /** @type {Error} */ (error).message });
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }
}

/** Make the element known. */
export function register() {
  define(tag, NotifyView);
}

/**
 * @param {Element} root
 * @param {string} name
 */
function valueOf(root, name) {
  return /** @type {HTMLInputElement} */ (one(root, `[name=${name}]`)).value;
}

function frame() {
  const chosen = chosenKinds();
  const quiet = quietHours();
  return html`${panel({
    name: "notify-desktop",
    title: "On this desktop",
    note: "Off until you switch them on. This browser remembers what you choose here; a page of the dashboard has to be open.",
    controls: html`<button type="button" class="button notify" data-testid="notify-toggle" aria-pressed="false"></button><button type="button" class="button try-desktop" data-testid="try-desktop">Try</button>`,
    body: html`<p class="no-notifications" data-testid="no-notifications" hidden></p>
      <fieldset class="notify-kinds"><legend>Of what</legend>${KINDS.map(({ name, label, text }) => html`<label><input type="checkbox" name="kind" value="${name}" ${flag(chosen.has(name), "checked")} /><span><strong>${label}</strong> <span class="faint">${text}</span></span></label>`)}</fieldset>
      <fieldset class="quiet-hours"><legend>Quiet hours</legend><label>From <input type="time" name="from" value="${quiet?.from ?? ""}" data-testid="quiet-from" /></label><label>to <input type="time" name="to" value="${quiet?.to ?? ""}" data-testid="quiet-to" /></label><span class="faint">Nothing is shown then; the count in the title and the icon stays.</span></fieldset>`,
  })}
  ${panel({
    name: "notify-webhook",
    title: "To an address",
    note: "The service sends a message by HTTP POST, as Slack, Mattermost and Discord take it, also while no page is open.",
    body: html`<div class="webhook-state"></div>`,
  })}`;
}

/** @param {SettingList} list */
function webhook({ settings, files }) {
  const [address, kinds, quiet] = ["webhook", "notify", "quiet_hours"].map((name) => /** @type {Setting} */ (settings.find((setting) => setting.name === name)));
  const isOn = address.is_set;
  const example = "webhook: https://hooks.example.org/...\nnotify: [needs, failed, stale, done]\nquiet_hours: 22:00-07:00";
  return html`<dl class="facts"><dt>Address</dt><dd>${isOn ? "set, never shown" : "not set: nothing is sent"}</dd><dt>Of what</dt><dd>Budgets${kinds.is_set ? `, ${kinds.value?.replace(/^\[|\]$/g, "")}` : " only"}</dd><dt>Quiet hours</dt><dd>${quiet.value ?? "none"}</dd></dl>
    <p class="webhook-actions"><button type="button" class="button try-webhook" data-testid="try-webhook" ${flag(!isOn, "disabled")}>${icon("play")}Send one to try</button></p>
    ${files.user ? snippet(files.user, example, "webhook-example") : null}`;
}
