/** The elements of the costs page; loaded when it is first looked at. */
import * as callsFilters from "./calls-filters.js";
import * as callsTable from "./calls-table.js";
import * as costBudgets from "./cost-budgets.js";
import * as costCoverage from "./cost-coverage.js";
import * as costForecast from "./cost-forecast.js";
import * as costSources from "./cost-sources.js";
import * as costTicker from "./cost-ticker.js";
import * as costTotals from "./cost-totals.js";
import * as costTrend from "./cost-trend.js";
import * as costsPage from "./costs-page.js";
import * as costsToolbar from "./costs-toolbar.js";
import * as modelShare from "./model-share.js";
import * as modelTable from "./model-table.js";
import * as tokenTrend from "./token-trend.js";

/** Make every element known to the browser. */
export function register() {
  // What stands inside of others comes first.
  for (const part of [callsFilters, callsTable, costBudgets, costCoverage, costForecast, costSources]) part.register();
  for (const part of [costTicker, costTotals, costTrend, costsToolbar, modelShare, modelTable]) part.register();
  for (const part of [tokenTrend, costsPage]) part.register();
}
