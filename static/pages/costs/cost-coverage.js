/** How much of what was called has a known price, which models have none, and what to write into the settings for them. */
/** @import {Coverage, UnpricedModel} from "../../lib/types.js" */
/** @import {Remarks} from "./types.js" */
/** @typedef {Partial<Remarks> & {coverage: Coverage}} Figures */
import { define } from "../../lib/dom.js";
import { count, percent, plural, tokens } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { listenForCopy } from "../../ui/copy-button.js";
import { warning } from "../../ui/panel.js";
import { snippet } from "../../ui/snippet.js";

const SETTINGS = "llm-service.yaml";

export class CostCoverage extends HTMLElement {
  /** @type {string | null} */
  #shown = null;

  connectedCallback() {
    this.dataset.testid = "coverage";
    listenForCopy(this);
  }

  /** `{coverage, flagged, problems}` of the service. @param {Partial<Remarks> & {coverage: Coverage | null}} figures */
  set figures(figures) {
    const { coverage } = figures;
    const state = JSON.stringify(figures);
    if (this.#shown === state || !coverage) return;
    this.#shown = state;
    const isOpen = this.querySelector("details")?.open ?? false;
    render(this, whole({ ...figures, coverage }));
    if (isOpen) this.querySelector("details")?.setAttribute("open", "");
  }
}

/** Make the element known. */
export function register() {
  define("cost-coverage", CostCoverage);
}

/** The settings that give models a price; the figures are for the user to fill in. @param {UnpricedModel[]} models */
function priceSettings(models) {
  const entries = models.map(({ model, provider }) =>
    [
      `  - model: ${JSON.stringify(model)}`,
      provider ? `    provider: ${JSON.stringify(provider)}` : null,
      "    input_per_mtok:   # dollars for a million input tokens",
      "    output_per_mtok:  # dollars for a million output tokens",
    ]
      .filter(Boolean)
      .join("\n"),
  );
  return `prices:\n${entries.join("\n")}\n`;
}

/** @param {Figures} figures */
function whole({ coverage, flagged, problems }) {
  const { calls, priced, reported, unpriced, unconfirmed, share, unpriced_models: models } = coverage;
  const named = models.filter(({ model }) => model);
  const sentence =
    unpriced === 0
      ? `All ${plural(calls, "call")} priced${priced && reported ? "" : priced ? " from the list" : " as the agents reported"}.`
      : html`<strong>${percent(share)}</strong> of ${plural(calls, "call")} priced.`;
  return html`<p class="coverage-line">
      <span class="coverage-text">${sentence} ${unpriced === 0 && !(priced && reported) ? null : sources(priced, reported)}</span>
      ${unconfirmed ? warning(`${plural(unconfirmed, "call")} requested, not confirmed`, "Priced by the service tier that was requested. The log does not say which one was served.") : null}
      ${flagged?.future ? warning(`${plural(flagged.future, "call")} dated ahead`, "Their clock was more than five minutes ahead. They are counted on the day that they say.") : null}
      ${flagged?.skewed ? warning(`${plural(flagged.skewed, "call")} dated before 2020`, "Their clock was not set. They are counted on the day that they say.") : null}
      ${problems ? html`<a class="chip warning" href="#/costs?show=sources" data-jump="sources">${plural(problems, "line")} refused</a>` : null}
    </p>
    ${models.length ? details(models, named, unpriced) : null}`;
}

/**
 * @param {number} priced
 * @param {number} reported
 */
function sources(priced, reported) {
  const parts = [
    priced ? `${count(priced)} priced from the list` : null,
    reported ? `${count(reported)} as the agents reported` : null,
  ].filter(Boolean);
  return parts.length ? html`<span class="faint">${parts.join(", ")}.</span>` : null;
}

/**
 * @param {UnpricedModel[]} models
 * @param {UnpricedModel[]} named
 * @param {number} unpriced
 */
function details(models, named, unpriced) {
  return html`<details class="fold" data-testid="unpriced-models">
    <summary>${plural(models.length, "unpriced model")} (${plural(unpriced, "call")}): set a price</summary>
    <div class="fold-body">
      <table class="figures"><caption class="off-screen">Models without a known price</caption>
        <thead><tr><th scope="col">Model</th><th scope="col">Provider</th><th scope="col">Calls</th><th scope="col">Tokens</th></tr></thead>
        <tbody>${models.map((one) => html`<tr><th scope="row">${one.model ?? "No model named"}</th><td>${one.provider ?? "—"}</td><td>${count(one.calls)}</td><td>${tokens(one.tokens)}</td></tr>`)}</tbody>
      </table>
      ${named.length ? snippet(SETTINGS, priceSettings(named), "prices") : null}
      <p class="hint">Fill in the prices, start the service again, then price the calls that are already there: <code>llm-service telemetry reprice</code></p>
    </div>
  </details>`;
}
