/** Every component of the pipeline, and whether it works. */

import { connectables, isPaused, plain, sentence } from "../../lib/facts.js";
import { html } from "../../lib/html.js";
import { Mark } from "../../lib/widgets.js";
import { Reachable } from "./connection.js";

const KINDS = ["source", "annotator", "transform", "sink", "observer"];
const STATES = { open: ["good", "Works"], opening: ["waiting", "Starting"], unavailable: ["poor", "Not available"], closed: ["closed", "Closed"] };

export function Parts({ status }) {
  const sorted = [...status.components].sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
  // Why those do not work, their own card says.
  const places = connectables(status);
  return html`<section class="card parts" aria-labelledby="parts-head"><h2 id="parts-head">Pipeline</h2>
    <ul class="list">${sorted.map(
      (each) => html`<li key=${each.id} class="part">
        <div class="grow"><p class="ellipsis">${each.id} <span class="muted small">${each.use === each.id ? each.kind : `${each.use}, ${each.kind}`}</span></p>
          ${each.reason && !places.includes(each) && html`<p class="muted small">${sentence(plain(each.reason))}</p>`}</div>
        <${State} each=${each} status=${status} /></li>`,
    )}</ul></section>`;
}

function State({ each, status }) {
  if (each.state === "open" && (isPaused(status, each.id) || each.facts.silent_since || each.facts.connected === false)) {
    return html`<${Reachable} component=${each} paused=${isPaused(status, each.id)} />`;
  }
  return html`<${Mark} quiet=${each.state === "open"} state=${STATES[each.state]?.[0]} text=${STATES[each.state]?.[1] ?? each.state} />`;
}
