/** The cards that came last: whether one may be formatted. There is one once there is a clip. */

import { get } from "../../lib/api.js";
import { bytes, count, number } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { useFresh, useNames } from "../../lib/live.js";
import { useRested } from "../../lib/rested.js";
import { href } from "../../lib/route.js";
import { Icon, Mark } from "../../lib/widgets.js";

const SHOWN = 5;
/** Seconds for which a card that came is new. */
const NEW_S = 300;

/** The document of the cards that came last, null until it is there. */
export function useCards() {
  const { data, reload } = useFresh(({ signal }) => get("/v1/cards", {}, { signal }), []);
  useRested(reload, ["clip", "job", "step"]);
  return data;
}

/** A line for each card with clips that would be lost with it: nobody is asked about what was given up, and who formats it must know. */
export function Alone({ cards }) {
  return cards.filter((card) => card.alone > 0).map((card) => html`<p key=${`${card.volume} ${card.card}`} class="row still"><span class="bad"><${Icon} name="disk" /></span>
    <span><a href=${href("/clips", { card: card.card })}>Card ${card.card}</a>: ${count(card.alone, "clip")} ${card.alone === 1 ? "is" : "are"} nowhere else. Do not format it.</span></p>`);
}

export function Cards({ data }) {
  const named = useNames();
  if (!data?.cards.length) return null;
  return html`<section class="card" aria-labelledby="cards-head">
    <h2 id="cards-head">Cards</h2>
    <ul class="list">${data.cards.slice(0, SHOWN).map((card) => html`<li key=${`${card.volume} ${card.card}`} class="row spread">
      <div><p class="row still"><a class="name" href=${href("/clips", { card: card.card })}>${card.card}</a>${
        card.seen > Date.now() / 1000 - NEW_S && html`<span class="badge accent">New</span>`}</p>
        <p class="small muted number">${[count(card.clips, "clip"), bytes(card.bytes), card.unrouted > 0 && `${number(card.unrouted)} sent nowhere`].filter(Boolean).join(" · ")}</p></div>
      <${Handed} card=${card} named=${named} /></li>`)}</ul>
    ${data.total > SHOWN && html`<p class="muted small more">and ${number(data.total - SHOWN)} that came before</p>`}
  </section>`;
}

/** Who has what: the backup that has all of it is what counts before a card is formatted. */
function Handed({ card, named }) {
  if (!card.undelivered) return card.handed_over ? html`<${Mark} state="done" text="All delivered" />` : html`<span class="muted">Sent nowhere</span>`;
  if (!card.sinks.length) return html`<span class="number">${number(card.undelivered)} not delivered</span>`;
  const alone = card.alone > 0 && html`<p><${Mark} state="parked" text=${`${count(card.alone, "clip")} on the card alone`} /></p>`;
  return html`<div class="number small card-sinks">${alone}${card.sinks.map((each) => html`<p key=${each.sink}>${named.get(each.sink) ?? each.sink} ${
    each.delivered === each.clips ? html`<${Mark} state="done" text="has all" />` : `${number(each.delivered)} of ${number(each.clips)}`}</p>`)}</div>`;
}
