/** Which models the money went to, as a ring; those without a known price stand beside it. */
import { define } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { money, percent } from "../../lib/money.js";
import { amountWords } from "./amounts.js";
import { Legend } from "./legend.js";
import { keyName, sumKnown } from "./naming.js";
import { TableOf, panel, pictureFrame, showProblem } from "./panel.js";
import { Picture, tooltip } from "./picture.js";
import { stylesOf } from "./styles.js";

const MOST = 8;

export class ModelShare extends HTMLElement {
  #parts = [];
  #picture;
  #legend;
  #table;

  connectedCallback() {
    render(this, frame());
    this.#picture = new Picture(this.querySelector("canvas"));
    this.#legend = new Legend(this.querySelector(".legend"), () => this.#drawPicture());
    this.#table = new TableOf(this.querySelector(".as-table"));
    const total = document.createElement("p");
    total.className = "ring-total";
    this.querySelector(".canvas-box").append(total);
  }

  /** The models of the range, as the service tells them. */
  set models(models) {
    this.#parts = partsOf(models);
    showProblem(this, null);
    this.querySelector(".picture-empty").hidden = models.length > 0;
    this.#legend.show(this.#parts.map((part) => ({ name: part.name, style: part.style, amount: amountOf(part) })));
    this.#drawPicture();
    this.#table.show({
      caption: "Share of the cost by model",
      heads: ["Model", "Share", "Cost", "Calls", "Unpriced"],
      rows: models.map(({ model, share, cost_usd, calls, unpriced }) => [
        keyName("model", model),
        percent(share),
        money(cost_usd),
        calls,
        unpriced,
      ]),
    });
  }

  /** What went wrong when it was asked for. */
  set problem(error) {
    showProblem(this, error);
  }

  #drawPicture() {
    const shown = this.#parts.filter(({ name, cost_usd }) => cost_usd > 0 && !this.#legend.isHidden(name));
    const total = sumKnown(shown.map(({ cost_usd }) => cost_usd));
    this.querySelector(".ring-total").textContent = this.#parts.length ? money(total) : "";
    this.#picture.show((ink) => ring(shown, total, ink), summary(shown, total));
  }
}

/** Make the element known. */
export function register() {
  define("model-share", ModelShare);
}

function frame() {
  return panel({ name: "share", title: "Share by model", body: pictureFrame({ name: "share", shape: "round" }) });
}

function partsOf(models) {
  const named = models.map((one) => ({ ...one, key: one.model, name: nameIn(models, one) }));
  const rest = named.slice(MOST);
  const parts = rest.length > 1 ? [...named.slice(0, MOST), together(rest)] : named;
  const styles = stylesOf("model", parts);
  return parts.map((part, index) => ({ ...part, style: styles[index] }));
}

function together(models) {
  const sums = ["cost_usd", "share", "calls", "unpriced"].map((name) => [name, sumKnown(models.map((one) => one[name]))]);
  return { name: "Others", other: true, ...Object.fromEntries(sums) };
}

function nameIn(models, { model, provider }) {
  const name = keyName("model", model);
  return provider && models.filter((other) => other.model === model).length > 1 ? `${name} (${provider})` : name;
}

function amountOf({ share, ...amount }) {
  if (amount.cost_usd === null || share === null) return amountWords(amount);
  return amount.unpriced ? `${percent(share)} + ${amount.unpriced} unpriced` : percent(share);
}

function ring(parts, total, ink) {
  return {
    type: "doughnut",
    data: {
      labels: parts.map(({ name }) => name),
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
        tooltip: tooltip(ink, {}, { callbacks: { label: ({ raw }) => ` ${money(raw)} (${percent(raw / total)})` } }),
      },
    },
  };
}

function summary(parts, total) {
  if (parts.length === 0) return "Share of the cost by model: no known cost in this range.";
  const told = parts.map(({ name, cost_usd }) => `${name} ${percent(cost_usd / total)}`);
  return `Share of the cost by model, ${money(total)} together: ${told.join(", ")}.`;
}
