/** The search that the address asks for, if any: in names, by type, or in contents. Shows it in the bar and the list. */
import { atMostEvery } from "../../lib/signals.js";
import { ContentSearch } from "./content-search.js";
import { NameSearch } from "./name-search.js";

const AGAIN_MS = 1_000;

export class ProjectSearch {
  #api;
  #bar;
  #results;
  #search = null;
  #asked = null; // what it was asked for, as JSON
  #q = "";
  #again = atMostEvery(AGAIN_MS, () => this.#search instanceof NameSearch && this.#search.start());

  /** `api` are the calls of live/artifact-api.js, `bar` and `results` the elements. */
  constructor(api, bar, results) {
    this.#api = api;
    this.#bar = bar;
    this.#results = results;
  }

  /** Search as the query of the address says. True if something is looked for. */
  want(project, query) {
    const { q = "", type = "", in: where, regex, case: matchCase } = query;
    const wanted = where === "contents" ? { q, regex, case: matchCase } : { q, type };
    const isAsked = q !== "" || (where !== "contents" && type !== "");
    const asked = isAsked ? JSON.stringify([project, where ?? "names", wanted]) : null;
    if (asked === this.#asked) return isAsked;
    this.#asked = asked;
    this.#q = where === "contents" ? "" : q;
    this.#search?.stop();
    this.#search = null;
    if (isAsked) this.#begin(project, where, wanted);
    else this.#bar.say("");
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

  #begin(project, where, wanted) {
    let search = null;
    const onChange = () => search === this.#search && this.#draw();
    if (where === "contents") {
      search = new ContentSearch((more, signal) => this.#api.searchContents(project, more, signal), wanted, onChange);
    } else {
      search = new NameSearch((more, signal) => this.#api.getArtifacts({ project, ...more }, signal), wanted, onChange);
    }
    this.#search = search;
    this.#draw();
    search.start();
  }

  #draw() {
    const { words, isGoingOn, counts } = this.#search;
    this.#bar.say(words, isGoingOn);
    if (counts) this.#bar.counts = counts;
    this.#results.show(this.#search, this.#q);
  }
}
