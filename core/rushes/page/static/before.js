/** What cannot wait for the page's script: the first questions, and the light. */

/** What a view asks first where its address says nothing more. */
const QUESTIONS = { __proto__: null, "#/clips": "/v1/clips?limit=10&counted=false" };

/** Questions that are asked before the script is there, by address: `lib/api.js` hands each answer on once, null for none. */
globalThis.asked = new Map();

/** What is used of a Response, once its body is here, too: then the first drawing has it. */
async function whole(question) {
  const answer = await fetch(question, { cache: "no-store" });
  const body = await answer.text();
  return { ok: answer.ok, status: answer.status, text: async () => body, json: async () => JSON.parse(body) };
}

for (const question of [QUESTIONS[location.hash], "/v1/status"]) {
  if (question) globalThis.asked.set(question, whole(question).catch(() => null));
}

/**
 * Daylight or dark before anything is drawn: a person's choice, else the system's. After the questions: the first look
 * into the storage takes longer than asking.
 */
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
