/** Shapes of the costs page: types only, never loaded by the page. */
/** @import {Call, CostSummary, Tokens} from "../../lib/types.js" */

/** @typedef {"model" | "agent" | "task" | "project"} By */
/** @typedef {"hour" | "day" | "month"} Bucket */
/** The parameters of the address. @typedef {Record<string, string | undefined>} Query */
/** A cost of which a part may be unknown. @typedef {import("../../lib/types.js").Amount} Amount */

// What the service answers.

/**
 * @typedef {object} Series
 * @property {string | null} key
 * @property {boolean} other
 * @property {(number | null)[]} cost_usd
 * @property {number[]} calls
 * @property {number[]} unpriced_calls
 * @property {Record<keyof Tokens, number[]>} tokens
 */

/** The range before: when, and all its calls by bucket. @typedef {{from: string, to: string, buckets: string[], series: Series}} SeriesBefore */
/** @typedef {{bucket: Bucket, by: By | null, timezone: string, from: string | null, to: string, buckets: string[], series: Series[], before: SeriesBefore | null}} Trends */
/** @typedef {{cost_usd: number | null, calls: number, unpriced_calls: number, unconfirmed_calls: number, errors: number, tokens: Tokens}} RangeAmount */
/** @typedef {{from: string | null, to: string | null, total: RangeAmount, before: {from: string, to: string, total: RangeAmount} | null}} RangeAnswer */
/** Seven days from Monday on, each with 24 numbers. @typedef {(number | null)[][]} Hours */
/** @typedef {{timezone: string, weekdays: string[], cost_usd: Hours, calls: number[][], unpriced_calls: number[][], tokens: number[][]}} Week */
/** @typedef {{input: number, cache_read: number, cache_write: number, hit_rate: number | null, saved_usd: number | null, read_saved_usd: number | null, write_extra_usd: number | null, unpriced_tokens: number}} CacheUse */
/** @typedef {{bucket: Bucket, buckets: string[], series: CacheUse[], total: CacheUse, models: (CacheUse & {model: string | null, provider: string | null})[], rests_on: string, price_version: string, before: {from: string, to: string, total: CacheUse} | null}} CacheAnswer */
/** @typedef {{id: string, title: string, agent: string | null, done_at: string, cost_usd: number | null, calls: number, unpriced_calls: number, unnamed_calls: number}} DoneTask */
/** @typedef {{tasks: number, is_cut: boolean, known: number, without_calls: number, unpriced: number, partly_unpriced: number, total_usd: number | null, mean_usd: number | null, median_usd: number | null, quartiles_usd: (number | null)[], bins: {from_usd: number, to_usd: number, tasks: number}[], rows: DoneTask[], before: {from: string, to: string, tasks: number, known: number, median_usd: number | null, mean_usd: number | null} | null}} DoneAnswer */

/**
 * @typedef {object} Model
 * @property {string | null} model
 * @property {string | null} provider
 * @property {number} calls
 * @property {number | null} share
 * @property {number | null} cost_usd
 * @property {number} unpriced
 * @property {number} errors
 * @property {number} timeouts
 * @property {number | null} error_share
 * @property {Tokens} tokens
 * @property {RangeAmount} [before]
 * @property {number | null} latency_p50_ms
 * @property {number | null} latency_p95_ms
 * @property {string} last_at
 */

/** @typedef {{key: string | null, cost_usd: number | null, calls: number, unpriced_calls: number, tokens: Tokens, last_at: string, before?: RangeAmount}} Total */
/** @typedef {{by: By, totals: Total[]}} Totals */
/** @typedef {{calls: Call[], cursor: string | null}} CallsPage */
/** @typedef {{path: string | null, line: number | null, error: string, time: number}} Problem */

/**
 * @typedef {object} Source
 * @property {string} kind
 * @property {string | null} folder
 * @property {string} mode
 * @property {number} files
 * @property {number} calls
 * @property {number} duplicates
 * @property {number} refused
 * @property {Problem[]} problems
 */

/** @typedef {Pick<CostSummary, "flagged" | "problems">} Remarks */

// Ranges.

/** With what a range is compared: as much time before, or the same part of the month or the year before. @typedef {"length" | "month" | "year"} Before */
/** @typedef {{name: string, label: string, bucket: Bucket, before?: Before, from: (zone: string | null, now_ms: number) => string | null}} Range */
/** @typedef {{name: string, from: string | null, to: string | null, bucket?: Bucket, before?: Before}} Days */
/** @typedef {{name: string, from: string | null, to: string | null, bucket: Bucket, buckets: Bucket[], before: Before | null}} ShownRange */
/** The address of the calls that have these values in common, in the range that is shown. @typedef {(values?: Query) => string} CallsLink */

// Pictures.

/** Colours of the theme by their names. @typedef {Record<string, string>} Ink */
/** How a series is drawn: the name of its colour. @typedef {{colour: string}} Style */
/** @typedef {{name: string, style: Style, amount: string, title?: string}} LegendEntry */
/** @typedef {{caption: string, heads: string[], rows: unknown[][]}} Table */
/** @typedef {{getPixelForValue: (value: number) => number, getValueForPixel: (pixel: number) => number}} Scale */
/** @typedef {{left: number, right: number, top: number, bottom: number}} Area */
/** Where the bars of a picture are. @typedef {Area & {middles: number[], valueAt: (height: number) => number}} Places */
/** What a plugin of Chart.js is given. @typedef {{ctx: CanvasRenderingContext2D, chartArea: {right: number}, getDatasetMeta: (index: number) => {data: {width?: number}[]}, scales: Record<"x" | "y", Scale>, data: {datasets: {data: (number | null)[], stack?: string}[]}}} Drawn */
/** @typedef {{id: string, afterDatasetsDraw: (chart: Drawn) => void}} Plugin */
/** What Chart.js is given. @typedef {{type: string, data: {labels: string[], datasets: object[]}, options: object, plugins?: Plugin[]}} ChartConfig */
/** @typedef {(ink: Ink) => ChartConfig} Describe */
/** @typedef {{chart: Describe, summary: string}} Drawing */
/** @typedef {(name: string) => boolean} IsHidden */
/** A point at the pointer. @typedef {{dataset: {label: string}, datasetIndex: number, dataIndex: number, raw: number}} Point */
/** @typedef {Series & {name: string, style: Style, total: Amount}} Line */
/** @typedef {Omit<Trends, "series"> & {series: Line[]}} ShownTrends */
/** @typedef {Amount & {name: string, share: number | null, style: Style}} Part */

/**
 * What is used of a chart of Chart.js.
 * @typedef {object} Chart
 * @property {{type: string, plugins?: Plugin[]}} config
 * @property {ChartConfig["data"]} data
 * @property {Area} chartArea
 * @property {Record<"x" | "y", Scale>} scales
 * @property {object} options
 * @property {(mode: "none") => void} update
 * @property {() => void} destroy
 */
/** @typedef {new (canvas: HTMLCanvasElement, config: ChartConfig) => Chart} ChartClass */

// Parts of the page.

/**
 * The elements of the page by their names.
 * @typedef {{
 *   "calls-table": import("./calls-table.js").CallsTable,
 *   "cache-use": import("./cache-use.js").CacheUsePanel,
 *   "cost-budgets": import("./cost-budgets.js").CostBudgets,
 *   "cost-coverage": import("./cost-coverage.js").CostCoverage,
 *   "cost-forecast": import("./cost-forecast.js").CostForecast,
 *   "cost-sources": import("./cost-sources.js").CostSources,
 *   "cost-ticker": import("./cost-ticker.js").CostTicker,
 *   "cost-totals": import("./cost-totals.js").CostTotals,
 *   "cost-trend": import("./cost-trend.js").CostTrend,
 *   "costs-toolbar": import("./costs-toolbar.js").CostsToolbar,
 *   "done-tasks": import("./done-tasks.js").DoneTasks,
 *   "model-share": import("./model-share.js").ModelShare,
 *   "model-table": import("./model-table.js").ModelTable,
 *   "range-figures": import("./range-figures.js").RangeFigures,
 *   "token-trend": import("./token-trend.js").TokenTrend,
 *   "week-map": import("./week-map.js").WeekMap,
 * }} Parts
 */

/** @typedef {import("../../lib/notifications.js").Notifying} Notifying */
/** A part that the page asks the service for. @typedef {{ask: (signal: AbortSignal) => Promise<void>, every_ms: number, asked_at: number, isStale: boolean, timer: number | null, abort: AbortController | null, pending: Promise<void> | null}} Asked */
/** @typedef {{name: By | "status" | "cost", any: string}} Select */
/** A row of the table of calls. @typedef {HTMLTableRowElement & {keyedBy: string, state?: string}} Row */
/** @typedef {{key: string, call: Call, isDetails?: boolean}} RowItem */

export {};
