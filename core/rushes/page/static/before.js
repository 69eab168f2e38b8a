/** What cannot wait for the page's script: the light, and the first questions. */

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

/** What a view asks first where its address says nothing more. */
const QUESTIONS = { __proto__: null, "#/clips": "/v1/clips?limit=12&counted=false" };

/** Questions that are asked before the script is there, by address: `lib/api.js` hands each answer on once. */
globalThis.asked = new Map();

for (const question of ["/v1/status", QUESTIONS[location.hash]]) {
  if (question) globalThis.asked.set(question, fetch(question, { cache: "no-store" }).catch(() => null));
}
