/** What needs somebody: the first few, and the way to the rest. */

import { isPaused, needing, plain, sentence } from "../../lib/facts.js";
import { html } from "../../lib/html.js";
import { href } from "../../lib/route.js";
import { Icon } from "../../lib/widgets.js";

const SHOWN = 4;
const ICONS = {
  parked: "cross", media: "cross", waiting: "wait", match: "link", card: "disk", disk: "disk", ledger: "disk",
  clock: "clock", component: "offline", rules: "file",
};

/** A clip that fails on two routes for one reason is one thing to look at: `[item, how often]`. */
function together(items) {
  const found = new Map();
  for (const item of items) {
    const key = `${item.subject}\n${item.reason}`;
    found.set(key, [item, (found.get(key)?.[1] ?? 0) + 1]);
  }
  return [...found.values()];
}

export function Needs({ status }) {
  const items = status.attention;
  if (!items.length) {
    return html`<section class="card calm" aria-label="Needs you"><p class="row still"><span class="good"><${Icon} name="check" /></span>
      <span>Nothing needs you.</span></p></section>`;
  }
  return html`<section class="card needs" aria-labelledby="needs-head">
    <div class="card-head"><h2 id="needs-head">Needs you <span class="badge warn">${needing(status)}</span></h2>
      <a class="way" href="#/attention">See ${items.length > SHOWN ? `all ${needing(status)}` : "what to do"}</a></div>
    <ul class="list">${together(items).slice(0, SHOWN).map(
      ([item, times]) => html`<li key=${item.subject + item.reason} class="need">
        <span class=${["parked", "media", "ledger"].includes(item.kind) ? "bad" : "warn"}><${Icon} name=${isPaused(status, item.component) ? "pause" : ICONS[item.kind] ?? "attention"} /></span>
        <div><p class="need-name">${item.clip ? html`<a href=${href(`/clips/${item.clip}`)}>${item.subject}</a>` : item.subject}</p>
          <p class="muted small">${sentence(plain(item.reason))}${times > 1 ? ` (${times} jobs)` : ""}</p></div>
      </li>`,
    )}</ul>
  </section>`;
}
