/** Notifications about tasks and jobs that are done, on the desktop: only where they were switched on. */
import { notify } from "../../lib/notifications.js";
import { address } from "../../lib/router.js";
import { Store } from "../../stores/stores.js";
/** @import {Dashboard, ServiceEvent} from "../../lib/types.js" */

const MOST_AT_ONCE = 3;

class Done extends Store {
  /** @type {{title: string, tag: string, href: string}[]} */
  #incoming = [];
  /** The last status of each job. @type {Map<string, string>} */
  #jobs = new Map();

  constructor() {
    super(null);
  }

  /** @param {ServiceEvent} event */
  apply(event) {
    if (event.type === "task.completed") {
      const { id, title } = event.task;
      this.#incoming.push({ title: `Done: ${title}`, tag: `done-task-${id}`, href: address({ task: id }) });
    } else if (event.type === "job.updated") {
      const { id, status } = event.job;
      const before = this.#jobs.get(id);
      this.#jobs.set(id, status);
      if (status === "completed" && before !== undefined && before !== status) {
        this.#incoming.push({ title: `Done: job ${id}`, tag: `done-job-${id}`, href: address({ page: "jobs", item: id }) });
      }
    }
  }

  flush() {
    const done = this.#incoming;
    this.#incoming = [];
    if (done.length > MOST_AT_ONCE) notify(`${done.length} things are done`, done[0].title, "done", { kind: "done", href: "#/board" });
    else for (const { title, tag, href } of done) notify(title, "It was finished a moment ago.", tag, { kind: "done", href });
  }
}

let isFollowing = false;

/** Follow what is done from now on. @param {Dashboard["stores"]} stores */
export function follow(stores) {
  if (isFollowing) return;
  isFollowing = true;
  stores.register(new Done());
}
