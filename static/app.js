/** The composition root of the page: makes every part, joins them, starts them. */
import { find, register } from "./shell/elements.js";
import { joinArtifacts } from "./pages/artifacts/page.js";
import { joinCosts } from "./pages/costs/page.js";
import { followIntents } from "./shell/intents.js";
import { atRest } from "./lib/schedule.js";
import { Router, START } from "./lib/router.js";
import { effect, signal } from "./lib/signals.js";
import { chooseTheme, chosenTheme, remembered } from "./lib/settings.js";
import { HttpError, getJson } from "./live/http.js";
import { Artifacts } from "./stores/artifacts.js";
import { Board } from "./stores/board.js";
import { Costs } from "./stores/costs.js";
import { Evidence } from "./stores/evidence.js";
import { facetsOf } from "./stores/facets.js";
import { Feed } from "./stores/feed.js";
import { Link } from "./live/link.js";
import { Painter } from "./pages/board/painter.js";
import { View } from "./stores/view.js";
import { showPage, titleOf } from "./shell/pages.js";

const FEED_AT_START = 300;
const FEED_TOPICS = "tasks,service";
const FACETS_MS = 300;
const WIDE = "(min-width: 1200px)";

function start() {
  register();
  const ui = find();
  const board = new Board();
  const costs = new Costs();
  const artifacts = new Artifacts();
  const evidence = new Evidence();
  const feed = new Feed();
  const route = signal(START);
  const workspace = signal(null);
  const status = signal(null);
  const degraded = signal([]);
  const theme = signal(chosenTheme());
  const isActivityOpen = signal((remembered("activity") ?? (matchMedia(WIDE).matches ? "open" : "closed")) === "open");
  const router = new Router(route);
  const link = new Link(board, { status, degraded, onEvents: take, onSnapshot: takeSnapshot });
  const painter = new Painter(board, new View(board), (picture) => draw(picture));
  const drawFacets = atRest(FACETS_MS, () => (ui.filters.facets = facetsOf(board)));
  let root = null;

  ui.board.factsOf = ({ id, task }) => ({
    dependencies: board.dependencyState(task),
    cost: costs.ofTask(id),
    evidence: evidence.ofTask(id),
  });
  ui.board.prepare(board.lanes);
  ui.detail.loadTask = async (id, path, abort) => {
    if (board.epoch === null) await new Promise((done) => board.addEventListener("snapshot", done, { once: true }));
    // Asking for what the board knows to be gone would only put a 404 into the console.
    if (!board.tasks.has(id)) throw new HttpError(`There is no task “${id}” on the board.`, "NOT_FOUND", 404);
    return getJson(`/api/tasks/${encodeURIComponent(id)}`, { path }, abort);
  };
  ui.detail.lookUp = (id) => board.tasks.get(id);
  ui.badge.loadHealth = () => getJson("/health");
  ui.activity.feed = feed;

  function takeSnapshot(state) {
    costs.take(state.costs);
    artifacts.take(state.artifacts);
    evidence.take(state.evidence);
  }

  function take(events) {
    feed.add(events);
    costs.apply(events);
    artifacts.apply(events);
    evidence.apply(events);
    if (events.some((event) => event.task && ui.detail.concerns(event.task.id))) ui.detail.refresh();
  }

  function draw(picture) {
    if (board.epoch !== null) {
      ui.board.show(picture);
      ui.filters.showCounts(picture);
    }
    const kind = stateOf(picture, status.peek(), board.epoch);
    ui.state.show(kind, { loading: status.peek().loading, root });
    ui.board.hidden = kind !== null;
  }

  function moveOn() {
    painter.schedule();
    ui.badge.position = { seq: board.seq, epoch: board.epoch };
  }

  board.isLacking = (task) => evidence.isLacking(task);
  evidence.addEventListener("change", ({ detail: ids }) => {
    ui.board.refresh(ids);
    drawFacets();
    if (route.peek().filters.flag === "evidence_missing") painter.redraw();
    if (ids && [...ids].some((id) => ui.detail.concerns(id))) ui.detail.refresh();
  });
  board.addEventListener("seq", moveOn);
  board.addEventListener("change", () => {
    moveOn();
    drawFacets();
  });
  board.addEventListener("snapshot", () => {
    painter.prepare();
    ui.detail.refresh();
    learn();
  });

  async function learn() {
    const [health, latest] = await Promise.all([
      getJson("/health"),
      getJson("/api/events", { since: Math.max(0, board.seq - FEED_AT_START), epoch: board.epoch, limit: FEED_AT_START, topics: FEED_TOPICS }),
    ]).catch(() => []);
    if (health) {
      root = health.watchers[0]?.root ?? null;
      ui.top.workspace = health.workspace;
      workspace.value = ui.top.querySelector(".workspace").textContent;
      painter.redraw();
    }
    if (latest) feed.add(latest.events);
  }

  effect(() => {
    const { task, path, filters } = route.value;
    showPage(route.value, ui);
    ui.filters.filters = filters;
    painter.setFilters(filters);
    ui.detail.show(task === null ? null : { id: task, path });
  });
  effect(() => (document.title = titleOf(route.value, workspace.value)));
  effect(() => {
    ui.badge.status = status.value;
    if (board.epoch === null) painter.redraw();
  });
  effect(() => (ui.banner.degraded = degraded.value));
  effect(() => {
    chooseTheme(theme.value);
    ui.top.theme = theme.value;
  });
  effect(() => {
    ui.activity.open = isActivityOpen.value;
    ui.top.activityOpen = isActivityOpen.value;
  });

  joinCosts({ ui, costs, board, route });
  joinArtifacts({ ui, artifacts, route, status });
  followIntents({ ui, router, route, theme, isActivityOpen });
  router.start();
  link.start();
  expose(board);
}

/** What stands in the board's place, if anything. */
function stateOf({ cards, total, isFiltering }, { state }, epoch) {
  if (epoch === null) return state === "loading" ? "loading" : "connecting";
  if (total === 0) return "empty";
  return cards === 0 && isFiltering ? "no-match" : null;
}

/** For tests, and for a look from the console: what the board has applied. */
function expose(board) {
  window.__dashboard = {
    get seq() {
      return board.seq;
    },
    get epoch() {
      return board.epoch;
    },
    tasks: () => board.tasks.size,
  };
}

start();
