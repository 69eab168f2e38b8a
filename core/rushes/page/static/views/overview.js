/** The day at a glance: how much is left, where it goes, what needs somebody. */

import { connectables, connectionOf } from "../lib/facts.js";
import { clock } from "../lib/format.js";
import { html } from "../lib/html.js";
import { useStatus } from "../lib/live.js";
import { Button, Page } from "../lib/widgets.js";
import { Manager } from "./connection/manager.js";
import { Cards, useCards } from "./overview/cards.js";
import { Connection } from "./overview/connection.js";
import { Counts } from "./overview/counts.js";
import { Current } from "./overview/current.js";
import { Devices } from "./overview/devices.js";
import { Left } from "./overview/left.js";
import { Needs } from "./overview/needs.js";
import { Parts } from "./overview/parts.js";

export default function Overview() {
  const status = useStatus();
  const cards = useCards();
  const places = connectables(status);
  const missing = places.find((each) => ["not authorised", "not connected"].includes(connectionOf(each)));
  const project = places.map((each) => each.facts.project).find(Boolean);
  const note = status.since ? `${status.pipeline}, running since ${clock(status.since)}` : status.pipeline;
  const report = html`<${Button} kind="quiet" icon="file" href="#/report">Report of the day<//>`;
  return html`<${Page} title=${project ?? "Overview"} note=${note} actions=${report}>
    ${missing && html`<${Manager} key=${missing.id} component=${missing} />`}
    <div class=${missing ? "overview lone" : "overview"}>
      <div class="overview-main">
        <${Left} status=${status} />
        <${Counts} jobs=${status.counts.jobs} />
        <${Needs} status=${status} cards=${cards?.cards ?? []} />
        <${Current} status=${status} />
      </div>
      <div class="overview-side">
        ${places.filter((each) => each !== missing).map((each) => html`<${Connection} key=${each.id} component=${each} status=${status} />`)}
        <${Cards} data=${cards} />
        <${Devices} status=${status} />
        <${Parts} status=${status} />
      </div>
    </div>
  <//>`;
}
