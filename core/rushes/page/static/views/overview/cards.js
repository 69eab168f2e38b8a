/** The cards of the last shooting day: whether one may be formatted. There is one once there is a clip. */

import { get } from "../../lib/api.js";
import { namesOf } from "../../lib/facts.js";
import { bytes, count, number } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { useFresh } from "../../lib/live.js";
import { useRested } from "../../lib/rested.js";
import { href } from "../../lib/route.js";
import { Mark } from "../../lib/widgets.js";

const SHOWN = 5;

export function Cards({ status }) {
  const named = namesOf(status);
  const { data, reload } = useFresh(({ signal }) => get("/v1/reports/last/summary", {}, { signal }), []);
  useRested(reload, ["clip", "job", "step"]);
  const cards = together(data?.cards ?? []);
  if (!cards.length) return null;
  return html`<section class="card" aria-labelledby="cards-head">
    <div class="card-head"><h2 id="cards-head">Cards</h2><a class="way" href=${`#/report/${data.day}`}>Report</a></div>
    <ul class="list">${cards.slice(0, SHOWN).map((card) => html`<li key=${card.card} class="row spread">
      <div><p><a class="name" href=${href("/clips", { card: card.card })}>${card.card}</a></p>
        <p class="small muted number">${[count(card.clips, "clip"), bytes(card.bytes), card.unrouted > 0 && `${number(card.unrouted)} sent nowhere`].filter(Boolean).join(" · ")}</p></div>
      <${Handed} card=${card} named=${named} /></li>`)}</ul>
    ${cards.length > SHOWN && html`<p class="muted small more">and ${number(cards.length - SHOWN)} more</p>`}
  </section>`;
}

/** Who has what: the backup that has all of it is what counts before a card is formatted. */
function Handed({ card, named }) {
  if (!card.undelivered) return card.handed_over ? html`<${Mark} state="done" text="All delivered" />` : html`<span class="muted">Sent nowhere</span>`;
  if (!card.sinks.size) return html`<span class="number">${number(card.undelivered)} not delivered</span>`;
  return html`<div class="number small card-sinks">${[...card.sinks.values()].map((each) => html`<p key=${each.sink}>${named.get(each.sink) ?? each.sink} ${
    each.delivered === each.clips ? html`<${Mark} state="done" text="has all" />` : `${number(each.delivered)} of ${number(each.clips)}`}</p>`)}</div>`;
}

/** A card may have gone through several cameras; the newest first. */
function together(lines) {
  const cards = new Map();
  for (const each of lines) {
    const one = cards.get(each.card) ?? { card: each.card, clips: 0, bytes: 0, undelivered: 0, unrouted: 0, seen: 0, handed_over: 0, sinks: new Map() };
    for (const { sink, clips, delivered } of each.sinks) {
      const before = one.sinks.get(sink) ?? { sink, clips: 0, delivered: 0 };
      one.sinks.set(sink, { sink, clips: before.clips + clips, delivered: before.delivered + delivered });
    }
    for (const name of ["clips", "bytes", "undelivered", "unrouted"]) one[name] += each[name];
    for (const name of ["seen", "handed_over"]) one[name] = Math.max(one[name], each[name] ?? 0);
    cards.set(each.card, one);
  }
  return [...cards.values()].sort((a, b) => b.seen - a.seen);
}
