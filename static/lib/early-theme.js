// Not a module: runs before the first paint, so that the other theme does not flash.
try {
  const theme = localStorage.getItem("llm-service.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme is shown.
}
