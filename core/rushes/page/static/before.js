/** What cannot wait for the modules, which come after all that they import: the light, and the first question. */

/** Daylight or dark before anything is drawn: a person's choice, else the system's. */
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    let chosen = null;
    try {
      chosen = localStorage.getItem("scheme");
    } catch {
      chosen = null; // storage is switched off: follow the system
    }
    const own = dark.matches ? "dark" : "light";
    document.documentElement.dataset.scheme = chosen === "light" || chosen === "dark" ? chosen : own;
  };
  apply();
  dark.addEventListener("change", apply);
})();

/** Whoever needs the status first takes it from here; a failure is seen there too. */
globalThis.firstStatus = fetch("/v1/status", { cache: "no-store" }).catch(() => null);
