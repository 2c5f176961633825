/**
 * On which host a job is started: `<start-where>` in the dialog, which has it from the start; it is empty until there is a second host.
 * It says `desk-choose` when another host is chosen, or its token given, and `desk-change` when what is known of the hosts has changed.
 */
import { define, delegate, emit, one } from "../lib/dom.js";
import { html, render } from "../lib/html.js";
import { effect } from "../lib/signals.js";
import { HERE } from "../pages/jobs/start-desk.js";
import { fillSelect } from "../ui/select.js";
import { choicesOf, deskAt } from "./desk-there.js";
import { addressOf, hasToken, keepToken, wantsToken } from "./owner.js";
import { forgetButton, listenForToken, tokenForm } from "./token-form.js";
/** @import {Hosts} from "../stores/hosts.js" */

const NAME = "start-where";

/**
 * Make the element known.
 * @param {{hosts: Hosts}} dashboard
 */
export function register({ hosts }) {
  define(NAME, class extends StartWhere {
    constructor() {
      super(hosts);
    }
  });
}

class StartWhere extends HTMLElement {
  #hosts;
  #chosen = ""; // the observer of another host
  #origin = "";

  /** @param {Hosts} hosts */
  constructor(hosts) {
    super();
    this.#hosts = hosts;
  }

  connectedCallback() {
    if (this.firstChild) return;
    render(this, html`<label>Host<select name="host" data-testid="start-host"></select></label><div class="start-token"></div>`);
    delegate(this, "change", "select", () => this.#choose(this.#list.value));
    listenForToken(this, () => this.#origin, () => this.#choose(this.#chosen));
    effect(() => {
      this.#hosts.revision.value;
      this.hidden = !this.#hosts.isMany && this.#chosen === "";
      fillSelect(this.#list, { choices: choicesOf(this.#hosts, this.#chosen), value: this.#chosen });
      emit(this, "desk-change");
    });
  }

  /** @param {string} observer */
  #choose(observer) {
    this.#chosen = observer;
    this.#origin = addressOf(this.#hosts.members.get(observer)?.url)?.origin ?? "";
    render(this.#token, html`${observer !== "" && hasToken(this.#origin) ? forgetButton(this.#origin) : null}`);
    emit(this, "desk-choose", { desk: observer === "" ? HERE : deskAt(this.#hosts, observer, (error) => this.#chosen === observer && this.#asks(error)) });
  }

  /** @param {unknown} error */
  #asks(error) {
    if (!wantsToken(error)) return false;
    keepToken(this.#origin, null);
    render(this.#token, tokenForm(this.#origin, /** @type {Error} */ (error).message));
    one(this, "input").focus();
    return true;
  }

  /** @returns {HTMLSelectElement} */
  get #list() {
    return one(this, "select");
  }

  get #token() {
    return one(this, ".start-token");
  }
}
