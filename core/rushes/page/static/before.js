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

/** The modules that each view needs beside the shell's, without their ending; a test compares. */
const MODULES = {
  __proto__: null,
  overview: "lib/facts lib/timecode lib/widgets/later lib/widgets/ticking views/connection/pause views/overview views/overview/connection views/overview/counts views/overview/current views/overview/devices views/overview/left views/overview/needs views/overview/parts",
  queue: "lib/facts views/connection/pause views/queue views/queue/add views/queue/doing views/queue/drag views/queue/keys views/queue/row views/queue/selection views/queue/switches views/queue/tabs",
  clips: "views/clips views/clips/showing",
  clip: "lib/facts views/clip views/clips/jobs views/clips/matching views/clips/showing views/queue/doing",
  attention: "lib/facts views/attention views/clips/jobs views/clips/matching views/queue/doing",
  connection: "lib/facts views/connection views/connection/asking views/connection/choose views/connection/connected views/connection/login views/connection/manager views/connection/pairing views/connection/pause views/overview/connection",
};
/** The styles of a view that has another one's, too; others have their own. */
const STYLES = { __proto__: null, connection: ["overview", "connection"] };

/** What a view asks first where its address says nothing more. */
const QUESTIONS = { __proto__: null, "#/clips": "/v1/clips?limit=50" };

/** Questions that are asked before the modules are there, by address: `lib/api.js` hands each answer on once. */
globalThis.asked = new Map();

/** The view of the address begins with the shell, not after it. */
(() => {
  const [first = "", second] = location.hash.replace(/^#\/?/, "").split("?")[0].split("/");
  const name = first === "clips" && second ? "clip" : first || "overview";
  const add = (rel, href) => {
    const link = document.createElement("link");
    link.rel = rel;
    link.setAttribute("href", href);
    // Who needs it then asks again.
    link.addEventListener("error", () => link.remove());
    document.head.append(link);
  };
  if (MODULES[name]) {
    for (const style of STYLES[name] ?? [name]) add("stylesheet", `views/${style}.css`);
    for (const module of MODULES[name].split(" ")) add("modulepreload", `${module}.js`);
  }
  const ask = (path) => fetch(path, { cache: "no-store" }).catch(() => null);
  const status = ask("/v1/status");
  globalThis.asked.set("/v1/status", status);
  // After the status: what happens behind its `seq` is heard as events.
  const question = QUESTIONS[location.hash];
  if (question) globalThis.asked.set(question, status.then((answer) => (answer?.ok ? ask(question) : null)));
})();
