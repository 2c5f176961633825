/** The latest events, newest first, at most `KEPT`. */
const KEPT = 300;
// Progress, figures and files are to be seen where they belong; here they would push everything else out.
const QUIET = new Set(["service.progress", "telemetry.update", "cost.update", "evidence.update"]);

export class Feed extends EventTarget {
  entries = [];
  #seen = new Set();

  /** Take events in the order in which they happened; those already there and mere figures are left out. */
  add(events) {
    const news = events.filter((event) => !isQuiet(event) && !this.#seen.has(name(event)));
    if (news.length === 0) return;
    const all = [...this.entries, ...news].sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : b.seq - a.seq));
    this.entries = all.slice(0, KEPT);
    this.#seen = new Set(this.entries.map(name));
    this.dispatchEvent(new Event("change"));
  }
}

function isQuiet({ type }) {
  return QUIET.has(type) || type.startsWith("artifact.");
}

function name(event) {
  return `${event.epoch}.${event.seq}`;
}
