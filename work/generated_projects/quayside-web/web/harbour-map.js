/** The map: 42 berths from one JSON answer. */
const PONTOONS = ["A", "B", "C"];
const STEP = 28;

/** "berth 17, free, 11 by 3.6 metres": what a screen reader says. */
export function wordsFor({ id, free, length_cm, beam_cm }) {
  const metres = (cm) => String(Math.round(cm / 10) / 10);
  return `berth ${id}, ${free ? "free" : "taken"}, ${metres(length_cm)} by ${metres(beam_cm)} metres`;
}

/** Where a berth lies on the map; odd numbers on the near side. */
export function placeOf({ id, pontoon }) {
  const row = PONTOONS.indexOf(pontoon);
  if (row < 0) throw new RangeError(`there is no pontoon ${pontoon}`);
  return { x: 20 + Math.floor(id / 2) * STEP, y: 40 + row * 90 + (id % 2) * 44 };
}

/** Draw all berths into an element. */
export function drawMap(element, berths) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 680 320");
  svg.setAttribute("role", "list");
  for (const berth of berths) {
    const link = document.createElementNS(svg.namespaceURI, "a");
    link.setAttribute("href", `#berth-${berth.id}`);
    link.setAttribute("aria-label", wordsFor(berth));
    link.setAttribute("class", berth.free ? "berth is-free" : "berth");
    const { x, y } = placeOf(berth);
    const box = document.createElementNS(svg.namespaceURI, "rect");
    for (const [name, value] of Object.entries({ x, y, width: 22, height: 34, rx: 3 })) box.setAttribute(name, value);
    link.append(box);
    svg.append(link);
  }
  element.replaceChildren(svg);
}
