/** A file that is open: what the service answered about it, and which of its contents the user saw before. */
import { isPicture, isSvg } from "./file-kinds.js";

/** @import {Artifact} from "../../lib/types.js" */
/** @import {Api, FileAnswer, PageQuery, Seen} from "./types.js" */

const CONTEXT = 30; // lines before the one that the address names

export class OpenedFile {
  /** @type {"opening" | "open" | "missing" | "gone" | "failed"} */
  state = "opening";
  /** @type {Artifact} */
  artifact = /** @type {any} */ (null); // as it is known now; null until it is found
  /** @type {FileAnswer | null} */
  answer = null; // what was read of it; null for what is no text by its kind
  /** @type {Seen | null} */
  base = null; // the content that the user saw before, if that was another
  view = "";
  /** @type {string | null} */
  movedFrom = null; // where it was when it was opened
  #api;
  /** @type {string | null} */
  #markedSha256 = null; // the SHA-256 of what the service knows to be seen

  /**
   * `api` are the calls of api.js; `query` is that of the address.
   * @param {Api} api
   * @param {{project: string, path: string, query: PageQuery}} wanted
   */
  constructor(api, { project, path, query }) {
    this.#api = api;
    this.project = project;
    this.path = path;
    this.query = query;
  }

  /**
   * Read the first page of a text, and which content of it was seen before.
   * @param {AbortSignal} signal
   */
  async read(signal) {
    const { project, path, artifact, query } = this;
    if (!isText(artifact)) return;
    const isWhole = query.view === "diff" || (isSvg(artifact) && query.view !== "source");
    const from_line = isWhole ? 1 : Math.max(1, numberOf(query.line) - CONTEXT);
    const { encoding } = query;
    const [answer, history] = await Promise.all([
      this.#api.getFile(project, { path, from_line, encoding }, signal),
      this.#api.getVersions(project, path, signal),
    ]);
    Object.assign(this, { answer, artifact: answer.artifact });
    const seen = history.looked_at;
    if (seen && answer.sha256 && seen.sha256 !== answer.sha256 && !answer.binary) this.base = seen;
  }

  /**
   * It was read again: what was shown until now is what the user saw before.
   * @param {FileAnswer} before
   */
  readAgain(before) {
    if (before.sha256 && !before.binary) this.base ??= { sha256: before.sha256, time: new Date().toISOString() };
  }

  /** Record that what is shown was seen: only a marker, so a failure is ignored. */
  markSeen() {
    const { answer, project, path } = this;
    if (document.hidden || !answer?.sha256 || answer.binary || this.#markedSha256 === answer.sha256) return;
    this.#markedSha256 = answer.sha256;
    this.#api.markLooked(project, path, answer.sha256).catch(() => {});
  }

  /**
   * Take what the tree knows of it; true if it was written since it was read.
   * @param {Artifact} artifact
   */
  take(artifact) {
    const read = this.answer?.artifact ?? this.artifact;
    this.artifact = artifact;
    return differs(read, artifact);
  }

  /** True if it was written since it was read. */
  get isOld() {
    return this.isOtherKind || (this.answer !== null && differs(this.answer.artifact, this.artifact));
  }

  /** True if something else is at its path, which has to be opened anew: a file in place of a link, or the other way round. */
  get isOtherKind() {
    return isText(this.artifact) !== (this.answer !== null);
  }
}

/**
 * True for what may be a text, so that it is read as one.
 * @param {Artifact} artifact
 */
function isText(artifact) {
  return artifact.kind === "file" && !isPicture(artifact);
}

/**
 * The number of a line or column that a query names; 1 without one.
 * @param {string | undefined} text
 */
export function numberOf(text) {
  const number = Number.parseInt(text ?? "1", 10);
  return Number.isSafeInteger(number) && number > 0 ? number : 1;
}

/**
 * @param {Artifact} old
 * @param {Artifact} now
 */
function differs(old, now) {
  const isOther = old.sha256 && now.sha256 && old.sha256 !== now.sha256;
  return isOther || old.modified_at !== now.modified_at || old.size_bytes !== now.size_bytes || old.kind !== now.kind;
}
