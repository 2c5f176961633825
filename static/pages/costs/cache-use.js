/** How much of the input came from caches, over time and by model, and what that saved as far as prices are known. */
/** @import {CacheAnswer, CacheUse, Drawing, Ink, Point, Query} from "./types.js" */
import { define, one } from "../../lib/dom.js";
import { UNKNOWN, money, percent, plural, sentenceCase, tokens } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { bucketName } from "../../lib/zone.js";
import { panel } from "../../ui/panel.js";
import { callsLink } from "./calls-link.js";
import { changeMark, changeOf, shareChange } from "./change.js";
import { NONE, keyName } from "./naming.js";
import { pictureFrame } from "./picture-frame.js";
import { PicturePanel } from "./picture-panel.js";
import { axes, tooltip } from "./picture.js";

const STYLE = { colour: "series-3" };

export class CacheUsePanel extends PicturePanel {
  /** The present query, for links. @type {Query} */
  query = {};
  /** @type {CacheAnswer | null} */
  #answer = null;

  /** The answer of the service. @param {CacheAnswer} answer */
  set answer(answer) {
    this.#answer = answer;
    const { bucket, buckets, series, total, before, models } = answer;
    render(one(this, ".cache-figures"), figures(total, before?.total ?? null, this.query));
    const hasCache = models.some(isUsed);
    one(this, ".table-box").hidden = !models.length;
    render(one(this, ".cache-models tbody"), html`${models.map((model) => row(model, callsLink(this.query, { model: model.model ?? NONE })))}`);
    one(this, ".rests-on").textContent = `${answer.rests_on} Prices: ${answer.price_version}.`;
    const missing = one(this, ".cache-missing");
    missing.hidden = total.unpriced_tokens === 0;
    missing.textContent = `${tokens(total.unpriced_tokens)} cached tokens are of models without a known price: what they saved cannot be told.`;
    one(this, ".picture-empty").textContent = hasCache || models.length === 0 ? "No calls in this range." : "No cache was used in this range.";
    this.showData({
      isEmpty: !hasCache,
      legend: [],
      table: {
        caption: `Cache hit rate per ${bucket}`,
        heads: [sentenceCase(bucket), "Hit rate", "Read", "Written", "Plain input", "Saved"],
        rows: buckets.map((start, at) => {
          const use = series[at];
          return [bucketName(bucket, start, true), share(use.hit_rate), tokens(use.cache_read), tokens(use.cache_write), tokens(use.input), dollars(use, use.saved_usd)];
        }),
      },
    });
  }

  frame() {
    return panel({
      name: "cache",
      title: "Cache hit rate",
      note: "The share of all input tokens that was read from a cache.",
      body: html`<dl class="figure-row cache-figures"></dl>
        <p class="hint cache-missing" hidden></p>
        ${pictureFrame({ name: "cache" })}
        <div class="table-box" tabindex="0" role="region" aria-label="Caches by model" hidden><table class="figures cache-models">
          <thead><tr>${["Model", "Hit rate", "Read", "Written", "Plain input", "Saved"].map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody></tbody></table></div>
        <details class="fold"><summary>What does “saved” rest on?</summary><p class="hint rests-on"></p></details>`,
    });
  }

  /** @returns {Drawing} */
  drawing() {
    const answer = /** @type {CacheAnswer} */ (this.#answer);
    return { chart: (ink) => line(answer, ink), summary: summary(answer) };
  }
}

/** Make the element known. */
export function register() {
  define("cache-use", CacheUsePanel);
}

/**
 * @param {CacheUse} now
 * @param {CacheUse | null} before
 * @param {Query} query
 */
function figures(now, before, query) {
  const figure = (/** @type {string} */ name, /** @type {string} */ label, /** @type {string} */ text, /** @type {unknown} */ more) =>
    html`<div class="figure" data-testid="cache-${name}"><dt>${label}</dt><dd><a class="figure-value" href="${callsLink(query)}" title="The calls that this is of">${text}</a>${more}</dd></div>`;
  const saved = before && isUsed(now) && isUsed(before) ? changeOf(now.saved_usd, before.saved_usd, money) : null;
  return html`${figure("rate", "Hit rate", share(now.hit_rate), before ? changeMark(shareChange(now.hit_rate, before.hit_rate)) : null)}
    ${figure("saved", (now.saved_usd ?? 0) < 0 ? "Cost more than it saved, about" : "Saved, about", dollars(now, now.saved_usd === null ? null : Math.abs(now.saved_usd)), changeMark(saved))}
    ${figure("read", "Not paid for reads", dollars(now, now.read_saved_usd), null)}
    ${figure("written", "Paid more for writes", dollars(now, now.write_extra_usd), null)}`;
}

/**
 * @param {CacheAnswer["models"][number]} use
 * @param {string} href
 */
function row(use, href) {
  const { model, provider, hit_rate, cache_read, cache_write, input, saved_usd } = use;
  const width = ((hit_rate ?? 0) * 100).toFixed(1);
  return html`<tr data-testid="cache-model"><th scope="row"><a class="cell-name" href="${href}">${keyName("model", model)}</a>${provider ? html`<span class="cell-more">${provider}</span>` : null}</th>
    <td>${share(hit_rate)}<svg class="total-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="4" rx="1"></rect><rect class="spent" width="${width}" height="4" rx="1"></rect></svg></td>
    <td>${tokens(cache_read)}</td><td>${tokens(cache_write)}</td><td>${tokens(input)}</td>
    <td>${saved_usd === null ? html`<span class="faint" title="The model has no known price">cannot tell</span>` : dollars(use, saved_usd)}</td></tr>`;
}

/** @param {CacheUse} use */
function isUsed({ cache_read, cache_write }) {
  return cache_read + cache_write > 0;
}

/**
 * Where no cache was used, nothing was saved, which is not said as if it had been measured.
 * @param {CacheUse} use
 * @param {number | null} usd
 */
function dollars(use, usd) {
  return isUsed(use) ? money(usd) : UNKNOWN;
}

/**
 * @param {CacheAnswer} answer
 * @param {Ink} ink
 */
function line({ bucket, buckets, series }, ink) {
  const scales = axes(ink, { format: (value) => `${Math.round(value * 100)} %` });
  return {
    type: "line",
    data: {
      labels: buckets.map((start) => bucketName(bucket, start)),
      datasets: [
        {
          label: "Hit rate",
          data: series.map(({ hit_rate }) => hit_rate),
          borderColor: ink[STYLE.colour],
          backgroundColor: ink[STYLE.colour],
          borderWidth: 2,
          pointRadius: series.length > 60 ? 1 : 3,
          spanGaps: true,
          segment: { borderDash: (/** @type {{p0: {skip: boolean}, p1: {skip: boolean}}} */ { p0, p1 }) => (p0.skip || p1.skip ? [3, 4] : undefined) },
        },
      ],
    },
    options: {
      scales: { ...scales, y: { ...scales.y, min: 0, max: 1 } },
      plugins: {
        legend: { display: false },
        tooltip: tooltip(ink, {}, {
          displayColors: false,
          callbacks: {
            title: (/** @type {Point[]} */ [item]) => (item ? bucketName(bucket, buckets[item.dataIndex], true) : ""),
            label: (/** @type {Point} */ { dataIndex }) => useText(series[dataIndex]),
          },
        }),
      },
    },
  };
}

/** @param {CacheUse} use */
function useText({ hit_rate, cache_read, saved_usd }) {
  return `${share(hit_rate)}: ${tokens(cache_read)} tokens read${saved_usd === null ? "" : `, ${money(saved_usd)} saved`}`;
}

/** @param {CacheAnswer} answer */
function summary({ bucket, buckets, series, total }) {
  if (total.hit_rate === null) return "Cache hit rate: nothing to show.";
  const known = series.map(({ hit_rate }, at) => ({ hit_rate, at })).filter(({ hit_rate }) => hit_rate !== null);
  const sorted = [...known].sort((a, b) => Number(a.hit_rate) - Number(b.hit_rate));
  const named = ({ hit_rate, at } = sorted[0]) => `${percent(hit_rate)} in ${bucketName(bucket, buckets[at], true)}`;
  return `Cache hit rate per ${bucket}: ${percent(total.hit_rate)} of the input, over ${plural(known.length, bucket)} with calls; lowest ${named()}, highest ${named(sorted.at(-1))}.`;
}

/** @param {number | null} value */
function share(value) {
  return value === null ? UNKNOWN : percent(value);
}
