/** What the user wants, told by events and keys, goes to who can do it. */
import { remember } from "./lib/dom.js";
import { listen } from "./lib/keys.js";

const NOTHING = { q: "", agent: "", priority: "", status: "", tag: "", flag: "" };

/** Listen. `ui` are the page's elements, `theme` and `isActivityOpen` signals. */
export function followIntents({ ui, router, theme, isActivityOpen }) {
  const on = (name, handler) => document.addEventListener(name, (event) => handler(event.detail));
  const focusBoard = () => ui.board.focusCard();

  function toggleActivity() {
    isActivityOpen.value = !isActivityOpen.peek();
    remember("activity", isActivityOpen.peek() ? "open" : "closed");
  }

  on("task-open", ({ id, path }) => router.open(id, path));
  on("task-close", () => {
    router.close();
    // The browser gives the focus back to what had it, unless that was drawn anew in the meantime.
    if (document.activeElement === document.body || ui.detail.contains(document.activeElement)) ui.board.restoreFocus();
  });
  on("filters-change", ({ changes }) => router.filter(changes));
  on("filters-clear", () => router.filter(NOTHING));
  on("board-focus", focusBoard);
  on("theme-change", (change) => (theme.value = change.theme));
  on("activity-toggle", toggleActivity);
  on("help-open", () => ui.help.open());
  listen({
    "/": () => ui.filters.focusSearch(),
    "?": () => ui.help.open(),
    a: toggleActivity,
    g: () => ui.filters.toggleGroup(),
    // Only where the panel lies over the board is it in the way.
    Escape: () => isActivityOpen.peek() && matchMedia("(max-width: 1199px)").matches && toggleActivity(),
    t: () => ui.top.nextTheme(),
    ArrowDown: focusBoard,
    ArrowUp: focusBoard,
    ArrowLeft: focusBoard,
    ArrowRight: focusBoard,
  });
}
