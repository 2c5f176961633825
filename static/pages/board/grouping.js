/** What a board in groups needs besides: loaded when one groups for the first time. */
import { swimlanesOf } from "../../stores/swimlanes.js";
import { groupHead, showGroupHead } from "./group-head.js";
import { grouped, inRows } from "./group-rows.js";
import * as taskSwimlanes from "./task-swimlanes.js";

export const grouping = { swimlanesOf, grouped, inRows, groupHead, showGroupHead };

/** Make the element known. */
export function register() {
  taskSwimlanes.register();
}
