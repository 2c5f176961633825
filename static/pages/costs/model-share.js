/** Which models the money went to, as a ring; those without a known price are beside it. */
/** @import {Amount, Drawing, Ink, IsHidden, Model, Part, Point} from "./types.js" */
import { visible } from "../../lib/hidden.js";
import { define, one } from "../../lib/dom.js";
import { money, percent } from "../../lib/format.js";
import { amountText } from "./amounts.js";
import { keyName, sumKnown } from "./naming.js";
import { panel } from "../../ui/panel.js";
import { pictureFrame } from "./picture-frame.js";
import { PicturePanel } from "./picture-panel.js";
import { tooltip } from "./picture.js";
import { stylesOf } from "./series-styles.js";

const MOST = 8;

export class ModelShare extends PicturePanel {
  /** @type {Part[]} */
  #parts = [];

  connectedCallback() {
    super.connectedCallback();
    const total = document.createElement("p");
    total.className = "ring-total";
    one(this, ".canvas-box").append(total);
  }

  /** The models of the range, as the service reports them. @param {Model[]} models */
  set models(models) {
    this.#parts = partsOf(models);
    this.showData({
      isEmpty: models.length === 0,
      legend: this.#parts.map((part) => ({ name: part.name, style: part.style, amount: amountOf(part) })),
      table: {
        caption: "Share of the cost by model",
        heads: ["Model", "Share", "Cost", "Calls", "Unpriced"],
        rows: models.map(({ model, share, cost_usd, calls, unpriced }) => [
          keyName("model", model),
          percent(share),
          money(cost_usd),
          String(calls),
          String(unpriced),
        ]),
      },
    });
  }

  frame() {
    return panel({ name: "share", title: "Share by model", body: pictureFrame({ name: "share", shape: "round" }) });
  }

  /** @param {IsHidden} isHidden @returns {Drawing} */
  drawing(isHidden) {
    const shown = this.#parts.filter(({ name, cost_usd }) => (cost_usd ?? 0) > 0 && !isHidden(name));
    const total = sumKnown(shown.map(({ cost_usd }) => cost_usd));
    one(this, ".ring-total").textContent = this.#parts.length ? money(total) : "";
    return { chart: (ink) => ring(shown, total, ink), summary: summary(shown, total) };
  }
}

/** Make the element known. */
export function register() {
  define("model-share", ModelShare);
}

/** @param {Model[]} models @returns {Part[]} */
function partsOf(models) {
  const named = models.map((each) => ({ ...each, key: each.model, name: nameIn(models, each) }));
  const others = named.slice(MOST);
  const parts = others.length > 1 ? [...named.slice(0, MOST), together(others)] : named;
  const styles = stylesOf("model", parts);
  return parts.map((part, index) => ({ ...part, style: styles[index] }));
}

/** @param {Model[]} models */
function together(models) {
  const sum = (/** @type {"cost_usd" | "share" | "calls" | "unpriced"} */ name) => sumKnown(models.map((each) => each[name]));
  const [calls, unpriced] = [sum("calls") ?? 0, sum("unpriced") ?? 0];
  return { name: "Others", other: true, key: null, cost_usd: sum("cost_usd"), share: sum("share"), calls, unpriced };
}

/**
 * @param {Model[]} models
 * @param {Model} model
 */
function nameIn(models, { model, provider }) {
  const name = keyName("model", model);
  return provider && models.filter((other) => other.model === model).length > 1 ? `${name} (${provider})` : name;
}

/** @param {Amount & {share: number | null}} part */
function amountOf({ share, ...amount }) {
  if (amount.cost_usd === null || share === null) return amountText(amount);
  return amount.unpriced ? `${percent(share)} + ${amount.unpriced} unpriced` : percent(share);
}

/**
 * @param {Part[]} parts
 * @param {number | null} total
 * @param {Ink} ink
 */
function ring(parts, total, ink) {
  const label = (/** @type {Point} */ { raw }) => ` ${money(raw)} (${percent(raw / Number(total))})`;
  return {
    type: "doughnut",
    data: {
      labels: parts.map(({ name }) => visible(name)),
      datasets: [
        {
          data: parts.map(({ cost_usd }) => cost_usd),
          backgroundColor: parts.map(({ style }) => ink[style.colour]),
          borderColor: ink.surface,
          borderWidth: 2,
          hoverOffset: 4,
        },
      ],
    },
    options: {
      cutout: "68%",
      interaction: { mode: "nearest", intersect: true },
      layout: { padding: 4 },
      plugins: {
        legend: { display: false },
        tooltip: tooltip(ink, {}, { callbacks: { label } }),
      },
    },
  };
}

/**
 * @param {Part[]} parts
 * @param {number | null} total
 */
function summary(parts, total) {
  if (parts.length === 0) return "Share of the cost by model: no known cost in this range.";
  const shares = parts.map(({ name, cost_usd }) => `${name} ${percent(Number(cost_usd) / Number(total))}`);
  return `Share of the cost by model, ${money(total)} together: ${shares.join(", ")}.`;
}
