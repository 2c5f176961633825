/** Shapes that the modules of the board share: types only, never loaded by the page. */
/** @import {Column, DependencyState, EvidenceCounts, Filters, ListElement, Task, TaskCost, TaskRecord} from "../../lib/types.js" */

// The columns.

/** Since when nothing is known to have happened to a task, by what that is known, and after how long it is stale; 0: never. @typedef {{since_ms: number, by: string, staleAfter_ms: number}} Quiet */
/** What a card shows besides its record; `files` have its id; `host` is a mark of its host, where there are several, `isOld`: that is not heard now. @typedef {{dependencies: DependencyState, files: number, quiet: Quiet, cost?: TaskCost, evidence?: EvidenceCounts, host?: import("../../lib/types.js").Markup | null, isOld?: boolean}} CardFacts */
/** @typedef {(record: TaskRecord) => CardFacts} FactsOf */
/** The heading above the cards of a group, of one lane or (`lane` "") of all; `sums` are of all. @typedef {{key: string, isGroup: true, lane: string, value: string, size: number, sums: import("../../stores/swimlanes.js").Sums | null, isFolded: boolean}} GroupHead */
/** How cards are shown: "compact" or in full, grouped by what with which headings, what hosts are called, and the key of the one that is open beside the board. @typedef {{density: string, group: string | null, hostNames?: Map<string, string>, heads: typeof import("./grouping.js").grouping | null, current: string | null}} Look */
/** What a column lists. @typedef {(TaskRecord & {isGroup?: undefined}) | GroupHead} Item */
/** The element of an item. @typedef {ListElement & {focusTarget: HTMLElement, flash: () => void}} ItemElement */
/** An item's column and its index there. @typedef {{column: number, index: number}} Place */
/** @typedef {{columns: Map<string, Column>, filters: Filters}} Content */
/** `fresh` maps the keys just changed to events. @typedef {Content & {fresh: Map<string, string>, toTop: boolean}} Drawing */
/** How many cards are shown, and of how many. @typedef {{cards: number, total: number, isFiltering: boolean}} Sums */
/** @typedef {Drawing & Sums} Picture */
/** What is shown instead of the columns. @typedef {"connecting" | "loading" | "empty" | "no-match" | "missing"} StateKind */

// A task in full, as the service answers.

/** A parsed YAML document. @typedef {Record<string, any>} Document */
/** @typedef {{line: number, text: string, is_error: boolean}} ContextLine */
/** @typedef {{message: string, line: number | null, column: number | null, code: string, context: ContextLine[]}} Problem */
/** @typedef {{document: Document, raw: string, seen_at: string}} LastGood */
/** @typedef {{time: string, previous_lane: string | null, agent: string | null, path: string, lane: string | null, observed: "live" | "at_start"}} LaneChange */

/**
 * A claim of a task, compared with the disk.
 * @typedef {object} Claim
 * @property {string} path
 * @property {"present" | "empty" | "missing" | "unchanged" | "unknown" | "outside" | "refused"} state
 * @property {boolean} declared
 * @property {"file" | "folder" | null} kind
 * @property {number | null} size_bytes
 * @property {string | null} modified_at
 * @property {string | null} found
 * @property {number | null} matches
 * @property {string | null} reason
 * @property {string | null} project
 * @property {string | null} artifact_path
 */

/** The time of the visits of a lane that are over; `since`: it is there now. @typedef {{lane: string, seconds: number, visits: number, since: string | null, is_exact: boolean}} LaneTime */
/** What the board knows of a task besides its file. @typedef {{dependencies: DependencyState, quiet: {since_ms: number, by: string}, isStale: boolean, here_at: number}} TaskState */

/** One of the files with an id. @typedef {{key: string, title: string, lane: string, agent: string | null, path: string, modified_at: string, copied_by: string | null}} NamedFile */

/**
 * @typedef {object} Details
 * @property {Task} task
 * @property {Document} document
 * @property {unknown[]} extra_documents
 * @property {string | null} raw
 * @property {string | null} encoding
 * @property {Problem | null} problem
 * @property {LastGood | null} last_good
 * @property {Claim[]} [artefacts]
 * @property {NamedFile[]} files
 * @property {LaneChange[]} history
 * @property {LaneTime[]} [lane_times]
 * @property {string} file_path
 * @property {string | null} editor_url
 * @property {{id: string, lane: string | null, title: string | null, met: boolean | null}[]} dependencies
 * @property {{id: string, lane: string, title: string}[]} dependents
 */

/** @typedef {"overview" | "work" | "raw" | "history" | "problem"} TabName */
/** @typedef {{name: TabName, label: string}} Tab */
/** What the board knows of a task now. @typedef {(id: string) => Task | undefined} LookUp */
/** The state of one of its files, by key; null if there is none. @typedef {(key: string) => TaskState | null} StateOf */
/** @typedef {(id: string, path: string | null, signal: AbortSignal) => Promise<Details>} LoadTask */

export {};
