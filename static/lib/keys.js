/** Keyboard shortcuts of the whole page, and their description for the help overlay. */
import { PLACES } from "../pages/index.js";

export const SHORTCUTS = [
  { keys: ["/"], does: "Search" },
  { keys: ["↑", "↓"], does: "Previous or next card" },
  { keys: ["←", "→"], does: "Card in the column beside" },
  { keys: ["Home", "End"], does: "First or last card of the column" },
  { keys: ["Enter"], does: "Open the card, fold or unfold a group" },
  { keys: ["Esc"], does: "Close, or clear the search" },
  { keys: ["g"], does: "Group by agent" },
  { keys: ["→", "←"], does: "Among files: open or close a folder" },
  { keys: ["*"], does: "Among files: open all folders beside" },
  { keys: PLACES.map(({ key }) => key), does: PLACES.map(({ label }) => label).join(", ") },
  { keys: ["a"], does: "Activity" },
  { keys: ["t"], does: "Theme: system, light, dark" },
  { keys: ["?"], does: "This help" },
];
