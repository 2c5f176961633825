/**
 * A chart on a canvas, drawn by Chart.js in the colours of the theme, and drawn anew when that changes. The library is
 * loaded when the first picture is shown. Its content is also in `aria-label` as text, and in a table beside it.
 */
/** @import {Chart, ChartClass, Describe, Drawn, Ink, Plugin} from "./types.js" */
import { colours, onThemeChange } from "../../lib/colours.js";
import { lazily } from "../../lib/lazy.js";
import { wantsCalm } from "../../lib/dom.js";
import { COLOURS } from "./series-styles.js";

const INK = ["text", "text-soft", "text-faint", "border", "surface", "tokens-input", "tokens-output"];
const NAMES = [...INK, "tokens-cache-read", "tokens-cache-write", ...COLOURS];
const DRAWN_MS = 350;

const LIBRARY = "/vendor/chart.js/chart.umd.min.js";

/** @type {() => Promise<ChartClass>} */
const load = lazily(() => import(LIBRARY).then(() => Reflect.get(globalThis, "Chart")), LIBRARY);

export class Picture {
  #canvas;
  /** @type {Describe | null} */
  #describe = null;
  /** @type {Chart | null} */
  #chart = null;
  /** @type {Plugin[]} */
  #plugins = [];

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    onThemeChange(() => this.#chart && this.#draw());
  }

  /**
   * Show what `describe(ink)` returns: `{type, data, options}`, where `ink` are the theme's colours. Throws if the library cannot
   * be loaded.
   * @param {Describe} describe
   * @param {string} label
   */
  async show(describe, label) {
    this.#canvas.setAttribute("aria-label", label);
    this.#describe = describe;
    await this.#draw();
  }

  /**
   * Where the bars of a chart are, in pixels of the canvas: the middle of each and the area that they are in; null before it is
   * drawn. `valueAt(y)` is the value at a height.
   * @returns {import("./types.js").Places | null}
   */
  places() {
    const chart = this.#chart;
    if (!chart?.chartArea || !chart.scales.x) return null;
    const { x, y } = chart.scales;
    const { left, right, top, bottom } = chart.chartArea;
    return { left, right, top, bottom, middles: chart.data.labels.map((_, at) => x.getPixelForValue(at)), valueAt: (height) => y.getValueForPixel(height) };
  }

  async #draw() {
    if (this.#describe === null) return;
    const Chart = await load();
    const ink = colours(NAMES);
    const { type, data, options, plugins: own = [] } = this.#describe(ink);
    const whole = { ...common(ink), ...options };
    this.#plugins = own;
    if (this.#chart?.config.type === type) {
      Object.assign(this.#chart, { options: whole });
      this.#chart.data = data;
      this.#chart.update("none");
    } else {
      this.#chart?.destroy();
      // A chart takes its plugins once; those of a new description take over its.
      const plugins = own.map((plugin, at) => ({ id: plugin.id, afterDatasetsDraw: (/** @type {Drawn} */ drawn) => (this.#plugins[at] ?? plugin).afterDatasetsDraw(drawn) }));
      this.#chart = new Chart(this.#canvas, { type, data, options: whole, plugins });
    }
    this.#canvas.dataset.drawn = String(Number(this.#canvas.dataset.drawn ?? 0) + 1);
  }
}

/**
 * How axes look; `format` turns a value into text.
 * @param {Ink} ink
 * @param {{format: (value: number) => string, stacked?: boolean}} options
 */
export function axes(ink, { format, stacked = false }) {
  const grid = { color: ink.border, drawTicks: false };
  const border = { display: false };
  const ticks = { color: ink["text-faint"], padding: 8, font: { size: 11 } };
  return {
    x: { stacked, grid: { display: false }, border, ticks: { ...ticks, maxRotation: 0, autoSkipPadding: 18 } },
    y: { stacked, beginAtZero: true, grace: stacked ? "8%" : 0, grid, border, ticks: { ...ticks, maxTicksLimit: 6, callback: format } },
  };
}

/** @param {Ink} ink */
function common(ink) {
  const font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: wantsCalm() ? false : { duration: DRAWN_MS },
    font,
    interaction: { mode: "index", intersect: false },
    plugins: plugins(ink, font),
  };
}

/**
 * @param {Ink} ink
 * @param {object} font
 */
function plugins(ink, font) {
  return {
    legend: { display: false },
    tooltip: tooltip(ink, font),
  };
}

/**
 * The style of the box at the pointer; `more` are its callbacks and the like.
 * @param {Ink} ink
 * @param {object} font
 * @param {object} more
 */
export function tooltip(ink, font = {}, more = {}) {
  return {
    backgroundColor: ink.surface,
    borderColor: ink.border,
    borderWidth: 1,
    titleColor: ink.text,
    bodyColor: ink["text-soft"],
    footerColor: ink["text-faint"],
    footerFont: { ...font, weight: "normal" },
    padding: 10,
    boxPadding: 6,
    boxWidth: 10,
    boxHeight: 10,
    cornerRadius: 7,
    ...more,
  };
}
