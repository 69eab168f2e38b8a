/** What happened to a clip: the newest first, day by day, the earlier when they are asked for. */

import { get } from "../../lib/api.js";
import { clock, day } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { Moment, usePaging } from "../../lib/widgets.js";
import { knowing, told } from "./happened.js";

export function Happened({ clip, jobs, called }) {
  const past = usePaging(
    ({ limit, after, signal }) =>
      get(`/v1/clips/${clip}/timeline`, { order: "newest", limit, after }, { signal }).then((found) => ({ ...found, items: found.events })),
    [clip],
    { kinds: ["clip", "job", "step", "match"], size: 100 },
  );
  const about = knowing(jobs, past.items, called);
  const lines = past.items.map((event) => ({ ...event, text: told(event, about) })).filter((each) => each.text);
  const days = [...new Set(lines.map((each) => day(each.at)))];
  return html`<section class="card clip-past" aria-label="What happened"><h2>What happened</h2>
    ${days.map((one) => html`${days.length > 1 && html`<h3 class="small muted">${one}</h3>`}
      <ul class="list">${lines.filter((each) => day(each.at) === one).map((each) => html`<li key=${each.seq} class="happened">
        <${Moment} at=${each.at}><span class="number muted">${clock(each.at, { seconds: true })}</span><//><span>${each.text}</span></li>`)}</ul>`)}
    ${past.document && !lines.length && html`<p class="muted">Nothing yet.</p>`}${past.rest}</section>`;
}
