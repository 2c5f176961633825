/** What the user wants, told by events and keys, goes to who can do it. */
import { remember } from "../lib/settings.js";
import { listen } from "../lib/dom.js";
import { PLACES } from "../pages/index.js";

const NOTHING = { q: "", agent: "", priority: "", status: "", tag: "", flag: "" };

/** Listen. `ui` are the page's elements, `route`, `theme` and `isActivityOpen` signals. */
export function followIntents({ ui, router, route, theme, isActivityOpen }) {
  const on = (name, handler) => document.addEventListener(name, (event) => handler(event.detail));
  const focusBoard = () => ui.board.focusCard();
  const isOnBoard = () => route.peek().place === "board";

  function toggleActivity() {
    isActivityOpen.value = !isActivityOpen.peek();
    remember("activity", isActivityOpen.peek() ? "open" : "closed");
  }

  on("task-open", ({ id, path }) => router.open(id, path));
  on("task-close", () => {
    router.close();
    // The browser gives the focus back to what had it, unless that was drawn anew in the meantime.
    if (!isOnBoard()) return;
    if (document.activeElement === document.body || ui.detail.contains(document.activeElement)) ui.board.restoreFocus();
  });
  on("filters-change", ({ changes }) => router.filter(changes));
  on("filters-clear", () => router.filter(NOTHING));
  on("query-change", ({ changes }) => router.ask(changes));
  on("place-open", ({ place, ...where }) => router.go(place, where));
  on("board-focus", focusBoard);
  on("theme-change", (change) => (theme.value = change.theme));
  on("activity-toggle", toggleActivity);
  on("help-open", () => ui.help.open());
  listen({
    ...Object.fromEntries(PLACES.map(({ name, key }) => [key, () => route.peek().place === name || router.go(name)])),
    "?": () => ui.help.open(),
    a: toggleActivity,
    // Only where the panel lies over the board is it in the way.
    Escape: () => isActivityOpen.peek() && matchMedia("(max-width: 1199px)").matches && toggleActivity(),
    t: () => ui.top.nextTheme(),
  });
  const arrows = ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight"];
  listen(
    {
      "/": () => ui.filters.focusSearch(),
      g: () => ui.filters.toggleGroup(),
      ...Object.fromEntries(arrows.map((key) => [key, focusBoard])),
    },
    isOnBoard,
  );
}
