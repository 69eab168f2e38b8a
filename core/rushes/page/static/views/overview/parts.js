/** Every component of the pipeline, and whether it works. */

import { plain, sentence } from "../../lib/facts.js";
import { html } from "../../lib/html.js";
import { Mark } from "../../lib/widgets.js";

const KINDS = ["source", "annotator", "transform", "sink", "observer"];
const STATES = { open: ["good", "Works"], opening: ["waiting", "Starting"], unavailable: ["poor", "Not available"], closed: ["closed", "Closed"] };

export function Parts({ status }) {
  const sorted = [...status.components].sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
  return html`<section class="card parts" aria-labelledby="parts-head"><h2 id="parts-head">Pipeline</h2>
    <ul class="list">${sorted.map(
      (each) => html`<li key=${each.id} class="part">
        <div class="grow"><p class="ellipsis">${each.id} <span class="muted small">${each.use === each.id ? each.kind : `${each.use}, ${each.kind}`}</span></p>
          ${each.reason && html`<p class="muted small">${sentence(plain(each.reason))}</p>`}</div>
        <${Mark} quiet=${each.state === "open"} state=${STATES[each.state]?.[0]} text=${STATES[each.state]?.[1] ?? each.state} /></li>`,
    )}</ul></section>`;
}
