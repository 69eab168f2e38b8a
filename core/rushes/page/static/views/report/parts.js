/** The parts of a day's report above its clips. */

import { plain, sentence, serviceName } from "../../lib/facts.js";
import { bytes, clock, count, duration, number } from "../../lib/format.js";
import { html, useState } from "../../lib/html.js";
import { useStatus } from "../../lib/live.js";
import { href } from "../../lib/route.js";
import { Button, Icon, Mark } from "../../lib/widgets.js";

/** Lines that leave the day's numbers in sight. */
const FEW = 5;

/** What is not where it goes stands first: a card is formatted because of these lines. */
export function Undelivered({ day }) {
  const status = useStatus();
  const [all, setAll] = useState(false);
  const { undelivered: left, unrouted, deliveries } = day.totals;
  const nowhere = unrouted > 0 && html`<p class="small muted">${count(unrouted, "clip")} of this day ${unrouted === 1 ? "has" : "have"} no route: sent nowhere.</p>`;
  if (!left) {
    return html`<section class="notice good" aria-label="Delivered"><${Icon} name="check" /><div>
      <p><strong>${deliveries ? "Everything of this day that has a route is delivered." : "Nothing of this day is to be delivered."}</strong></p>${nowhere}</div></section>`;
  }
  const shown = all ? day.undelivered : day.undelivered.slice(0, FEW);
  return html`<section class="card report-open" aria-labelledby="report-open">
    <div class="card-head"><h2 id="report-open">Not delivered yet</h2><span class="badge warn">${number(left)}</span></div>
    <ul class="list">${shown.map((each) => html`<li key=${each.clip} class="report-stuck">
      <div class="grow"><a class="name" href=${href(`/clips/${each.clip}`)}>${each.name}</a>
        <p class="small muted">${[each.card, each.to.length && `to ${each.to.map((sink) => named(status, sink)).join(", ")}`].filter(Boolean).join(" · ")}</p>
        ${plain(each.reason) && html`<p class="small">${sentence(plain(each.reason))}</p>`}</div>
      <${Mark} state=${each.state === "broken" ? "parked" : each.state} text=${each.state === "broken" ? "Broken file" : undefined} /></li>`)}</ul>
    ${shown.length < day.undelivered.length && html`<div class="rest"><${Button} icon="down" onClick=${() => setAll(true)}>Show ${day.undelivered.length === left ? "all " : ""}${number(day.undelivered.length)}<//></div>`}
    ${all && shown.length < left && html`<p class="small muted">The first ${number(shown.length)} are shown; the state of every clip is in the lists below.</p>`}
    ${nowhere}
  </section>`;
}

/** What people call that sink. */
function named(status, sink) {
  const component = status?.components.find((each) => each.id === sink);
  return component ? serviceName(component) : sink;
}

/** Numbers of the day. */
export function Totals({ day }) {
  const { totals } = day;
  const some = (n, word, words) => (n > 0 ? count(n, word, words) : "None");
  const facts = [
    ["Clips", `${number(totals.clips)} (${count(totals.pictures, "picture")}, ${count(totals.sounds, "sound")})`],
    ["Length", duration(totals.duration)],
    ["Size", bytes(totals.bytes)],
    ["Circled", some(totals.circled, "clip")],
    ["Delivered", `${number(totals.clips - totals.undelivered - totals.unrouted)} of ${count(totals.clips, "clip")}`],
    ["Deliveries", `${number(totals.delivered)} of ${number(totals.deliveries)}, ${bytes(totals.delivered_bytes)}`],
    ["Failed", some(totals.failed, "clip")],
    ["Waiting", some(totals.waiting, "clip")],
    totals.cancelled > 0 && ["Cancelled", count(totals.cancelled, "clip")],
    ["Not matched", some(totals.silent, "picture without sound", "pictures without sound")],
    totals.unverified > 0 && ["Not verified", count(totals.unverified, "delivered file")],
  ];
  return html`<section class="card" aria-labelledby="report-totals"><h2 id="report-totals">The day</h2>
    <dl class="facts">${facts.filter(Boolean).map(([name, told]) => html`<dt key=${name}>${name}</dt><dd class="number">${told}</dd>`)}</dl></section>`;
}

/** Where the files went. */
export function Places({ day }) {
  const status = useStatus();
  if (!day.handovers.length) return null;
  return html`<section class="card" aria-labelledby="report-places"><h2 id="report-places">Delivered to</h2>
    <ul class="list">${day.handovers.map((each) => html`<li key=${each.sink}>
      <div class="row spread"><strong>${named(status, each.sink)}</strong>
        <span class="number">${each.files ? `${count(each.files, "file")}, ${bytes(each.bytes)}` : "Nothing yet"}</span></div>
      <p class="small muted number">${[
        each.first && (clock(each.first) === clock(each.last) ? `at ${clock(each.last)}` : `from ${clock(each.first)} to ${clock(each.last)}`),
        each.left > 0 && `${number(each.left)} still to come`,
        each.failed > 0 && `${number(each.failed)} failed`,
      ].filter(Boolean).join(" · ")}</p></li>`)}</ul></section>`;
}

/** Recordings that a device told of, without a file. */
export function Missing({ day }) {
  const records = day.records_without_media;
  if (!records.length) return null;
  return html`<section class="card" aria-labelledby="report-missing">
    <div class="card-head"><h2 id="report-missing">Recorded, but no file came</h2><span class="badge warn">${number(records.length)}</span></div>
    <ul class="list">${records.map((each) => html`<li key=${each.record}><strong>${each.says || "A recording"}</strong>
      ${each.device && html`<p class="small muted">${each.device}</p>`}</li>`)}</ul></section>`;
}
