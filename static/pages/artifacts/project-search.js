/** The search that the address asks for, if any: in names, by type, or in contents. Shows it in the bar and the list. */
import { atMostEvery } from "../../lib/signals.js";
import { ContentSearch } from "./content-search.js";
import { NameSearch } from "./name-search.js";

/** @import {FinderBar} from "./finder-bar.js" */
/** @import {FinderResults} from "./finder-results.js" */
/** @import {Api, PageQuery} from "./types.js" */

const AGAIN_MS = 1_000;

export class ProjectSearch {
  #api;
  #bar;
  #results;
  /** @type {ContentSearch | NameSearch | null} */
  #search = null;
  /** @type {string | null} */
  #asked = null; // what it was asked for, as JSON
  #q = "";
  #again = atMostEvery(AGAIN_MS, () => this.#search instanceof NameSearch && this.#search.start());

  /**
   * `api` are the calls of api.js, `bar` and `results` the elements.
   * @param {Api} api
   * @param {FinderBar} bar
   * @param {FinderResults} results
   */
  constructor(api, bar, results) {
    this.#api = api;
    this.#bar = bar;
    this.#results = results;
  }

  /**
   * Search as the query of the address says. True if something is searched for.
   * @param {string} project
   * @param {PageQuery} query
   */
  want(project, query) {
    const { q = "", type = "", in: where, regex, case: matchCase } = query;
    const isInContents = where === "contents";
    const isAsked = q !== "" || (!isInContents && type !== "");
    const asked = isAsked ? JSON.stringify([project, where ?? "names", q, isInContents ? [regex, matchCase] : type]) : null;
    if (asked === this.#asked) return isAsked;
    this.#asked = asked;
    this.#q = isInContents ? "" : q;
    this.#search?.stop();
    this.#search = null;
    if (isAsked) this.#begin(project, isInContents ? { q, regex, case: matchCase } : { q, type });
    else this.#bar.report("");
    return isAsked;
  }

  /** The project has changed: names may be others. What was found in contents stays as it was found. */
  refresh() {
    if (this.#search) this.#again();
  }

  /** End what goes on. */
  cancel() {
    if (this.#search?.isGoingOn) this.#search.stop();
  }

  /**
   * @param {string} project
   * @param {{q: string, type: string} | {q: string, regex?: string, case?: string}} wanted
   */
  #begin(project, wanted) {
    /** @type {ContentSearch | NameSearch} */
    let search;
    const onChange = () => search === this.#search && this.#draw(search);
    if ("type" in wanted) {
      search = new NameSearch((more, signal) => this.#api.getArtifacts({ project, ...more }, signal), wanted, onChange);
    } else {
      search = new ContentSearch((more, signal) => this.#api.searchContents(project, more, signal), wanted, onChange);
    }
    this.#search = search;
    this.#draw(search);
    search.start();
  }

  /** @param {ContentSearch | NameSearch} search */
  #draw(search) {
    const { summary, isGoingOn, counts } = search;
    this.#bar.report(summary, isGoingOn);
    if (counts) this.#bar.counts = counts;
    this.#results.show(search, this.#q);
  }
}
