// Not a module: runs before the first paint, so that the other theme does not flash, and what the page of the address needs is
// asked for while the scripts that would ask for it are still on their way.
try {
  const theme = localStorage.getItem("llm-service.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme is shown.
}
{
  const isNow = /^(#\/?((now|agents)([/?].*)?)?)?$/.test(location.hash); // the first page, by all its names
  // As texts: a script that could not be had as a module once, a browser never asks for again (see lazy.js).
  for (const href of isNow ? ["/now.js", "/api/overview"] : []) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "preload", as: "fetch", href, crossOrigin: "anonymous" }));
  }
}
