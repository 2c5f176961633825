/** The page of the files that agents generate. */
export default {
  name: "artifacts",
  label: "Artifacts",
  key: "f",
  topics: ["artifacts"],
  styles: ["artifacts.css", "tree.css", "file.css", "code.css"].map((name) => `/pages/artifacts/${name}`),
  shortcuts: [
    { keys: ["→", "←"], does: "Among files: open or close a folder" },
    { keys: ["*"], does: "Among files: open all folders beside" },
  ],
  load: () => import("./artifacts-page.js"),
};
