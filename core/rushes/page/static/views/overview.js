/** The day at a glance: how much is left, where it goes, what needs somebody. */

import { connectables, connectionOf } from "../lib/facts.js";
import { clock } from "../lib/format.js";
import { html } from "../lib/html.js";
import { useStatus } from "../lib/live.js";
import { withStyle } from "../lib/stylesheet.js";
import { Page } from "../lib/widgets.js";
import { useLater } from "../lib/widgets/later.js";
import { Connection } from "./overview/connection.js";
import { Counts } from "./overview/counts.js";
import { Current } from "./overview/current.js";
import { Devices } from "./overview/devices.js";
import { Left } from "./overview/left.js";
import { Needs } from "./overview/needs.js";
import { Parts } from "./overview/parts.js";

export const stylesheet = "views/overview.css";

/** Most days nobody needs it here. */
const manager = async () => {
  const [module] = await Promise.all([import("./connection/manager.js"), withStyle("views/connection.css")]);
  return module.Manager;
};
const nothing = () => Promise.resolve(null);

export default function Overview() {
  const status = useStatus();
  const places = connectables(status);
  const missing = places.find((each) => ["not authorised", "not connected"].includes(connectionOf(each)));
  const Manager = useLater(missing ? manager : nothing);
  const project = places.map((each) => each.facts.project).find(Boolean);
  const note = status.since ? `${status.pipeline}, running since ${clock(status.since)}` : status.pipeline;
  return html`<${Page} title=${project ?? "Overview"} note=${note}>
    ${missing && Manager && html`<${Manager} key=${missing.id} component=${missing} />`}
    <div class=${missing ? "overview lone" : "overview"}>
      <div class="overview-main">
        <${Left} status=${status} />
        <${Counts} jobs=${status.counts.jobs} />
        <${Needs} items=${status.attention} />
        <${Current} works=${status.current} />
      </div>
      <div class="overview-side">
        ${places.filter((each) => each !== missing).map((each) => html`<${Connection} key=${each.id} component=${each} status=${status} />`)}
        <${Devices} status=${status} />
        <${Parts} status=${status} />
      </div>
    </div>
  <//>`;
}
