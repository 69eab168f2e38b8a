/** What needs somebody: the first few, and the way to the rest. */

import { isPaused, namesOf, needing, standing } from "../../lib/facts.js";
import { count } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { useConnected } from "../../lib/live.js";
import { href } from "../../lib/route.js";
import { Icon } from "../../lib/widgets.js";
import { said } from "../attention/reasons.js";
import { Alone } from "./cards.js";
import { Name } from "../clips/name.js";

const SHOWN = 4;
const ICONS = {
  parked: "cross", media: "cross", waiting: "wait", match: "link", card: "disk", disk: "disk", ledger: "disk",
  clock: "clock", component: "offline", rules: "file",
};

export function Needs({ status, cards }) {
  if (!useConnected()) {
    return html`<section class="card calm" aria-label="Needs you"><p class="row still muted"><${Icon} name="offline" /><span>What needs you is not known now.</span></p></section>`;
  }
  const items = status.attention.filter((each) => !each.by_itself);
  const alone = status.attention.length - items.length;
  const beside = alone > 0 && html`<a class="way" href="#/attention">${count(alone, "thing")} ${alone === 1 ? "goes" : "go"} on by itself</a>`;
  if (!items.length) {
    const away = standing(status).map((each) => each.why).join(", ");
    return html`<section class="card calm" aria-label="Needs you"><div class="row spread"><p class="row still">
      <span class=${away ? "warn" : "good"}><${Icon} name=${away ? "wait" : "check"} /></span>
      <span>${away ? `${away}: it goes on by itself.` : "Nothing needs you."}</span></p>${beside}</div><${Alone} cards=${cards} /></section>`;
  }
  const needs = needing(status);
  return html`<section class="card needs" aria-labelledby="needs-head">
    <div class="card-head"><h2 id="needs-head">Needs you <span class="badge warn">${needs}</span></h2>
      <a class="way" href="#/attention">See ${items.length > SHOWN ? `all ${needs}` : "what to do"}</a></div>
    <ul class="list">${items.slice(0, SHOWN).map((item) => html`<${Need} key=${item.subject + item.reason} item=${item} status=${status} />`)}
      ${beside && html`<li>${beside}</li>`}</ul><${Alone} cards=${cards} />
  </section>`;
}

function Need({ item, status }) {
  const { subject, why } = said(item, status);
  const to = item.to.map((sink) => namesOf(status).get(sink) ?? sink);
  return html`<li class="need">
    <span class=${["parked", "media", "ledger"].includes(item.kind) ? "bad" : "warn"}><${Icon} name=${isPaused(status, item.component) ? "pause" : ICONS[item.kind] ?? "attention"} /></span>
    <div><p class="need-name">${item.clip ? html`<a href=${href(`/clips/${item.clip}`)}><${Name}>${subject}<//></a>` : html`<${Name}>${subject}<//>`}</p>
      <p class="muted small">${why}${!to.every((name) => why.includes(name)) && html`<br />To ${to.join(" and ")}`}</p></div>
  </li>`;
}
