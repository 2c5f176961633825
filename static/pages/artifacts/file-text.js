/** The text of an open file as the service gives it: pages, parts of lines, all of it. */
/** @import {OpenedFile} from "./opened-file.js" */
/** @import {Api, FileAnswer} from "./types.js" */

const MOST_BYTES = 4_000_000;

export class FileText {
  #api;
  #file;
  #signal;

  /**
   * @param {Api} api
   * @param {OpenedFile} file
   * @param {AbortSignal} signal
   */
  constructor(api, file, signal) {
    this.#api = api;
    this.#file = file;
    this.#signal = signal;
  }

  /**
   * A page of its lines.
   * @param {{from_line?: number, end?: number}} query
   */
  page(query) {
    const { project, path } = this.#file;
    return this.#api.getFile(project, { path, ...query, encoding: this.#file.query.encoding }, this.#signal);
  }

  /**
   * The part of a line that has a column.
   * @param {number} line
   * @param {number} column
   */
  line(line, column) {
    const { project, path } = this.#file;
    return this.#api.getLine(project, { path, line, column, encoding: this.#file.query.encoding }, this.#signal);
  }

  /**
   * All of it; null if it is too much, or in an encoding that browsers do not know.
   * @param {FileAnswer | null} answer
   */
  async whole(answer) {
    if (!answer || answer.binary || answer.size_bytes > MOST_BYTES) return null;
    if (answer.preview.from_line === 1 && !answer.truncated) return answer.preview.text;
    const { project, path } = this.#file;
    const blob = await this.#api.getBlob(project, path, this.#signal);
    try {
      return new TextDecoder(answer.encoding).decode(await blob.arrayBuffer());
    } catch {
      return null;
    }
  }
}
