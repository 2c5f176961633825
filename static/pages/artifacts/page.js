/** Joins what agents generate to the part of the page that shows it. */
import { effect } from "../../lib/signals.js";
import { listen } from "../../lib/dom.js";
import * as api from "./api.js";

const LOST = new Set(["reconnecting", "offline"]);

/** `ui` are the page's elements, `artifacts` the live projects, `route` and `status` signals. */
export function joinArtifacts({ ui, artifacts, route, status }) {
  let page = null; // a promise of the page's element, once it was looked at
  let isOnline = true;

  async function open() {
    page ??= prepare();
    const element = await page;
    const { place, rest, query } = route.peek();
    if (place === "artifacts") element.show(rest, query);
  }

  async function prepare() {
    const { register } = await import("./elements.js");
    register();
    ui.artifacts.setUp({ artifacts, api });
    ui.artifacts.isOnline = isOnline;
    return ui.artifacts;
  }

  effect(() => {
    if (route.value.place === "artifacts") open();
    else page?.then((element) => element.hide());
  });
  effect(() => {
    const { state } = status.value ?? {};
    const isNow = !LOST.has(state);
    if (isNow === isOnline) return;
    isOnline = isNow;
    page?.then((element) => (element.isOnline = isNow));
  });
  listen({ "/": () => page?.then((element) => element.focusSearch()) }, () => route.peek().place === "artifacts");
}
