/** Addresses of the calls that a figure is the sum of. */
/** @import {Query} from "./types.js" */
import { address } from "../../lib/router.js";
import { CALL_FILTERS } from "./calls-filters.js";

/** What stays as it is: the range and how it is shown. */
const KEPT = ["range", "from", "to", "bucket", "by", "of", "out", "compare", "show-week"];

/**
 * The address of the page with the calls that have these values, of the range that is shown, and of no other filter.
 * @param {Query} query the present one
 * @param {Query} [values] by the names of the filters; `since` and `until` are a part of the range
 */
export function callsLink(query, values = {}) {
  const kept = Object.fromEntries(KEPT.map((name) => [name, query[name]]));
  const wanted = Object.fromEntries(CALL_FILTERS.map((name) => [name, values[name]]));
  return address({ page: "costs", query: { ...kept, ...wanted, range: values.range ?? kept.range, show: "calls" } });
}
