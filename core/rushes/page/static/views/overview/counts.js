/** How many jobs are how; each number leads to them. */

import { number } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { href } from "../../lib/route.js";
import { Mark } from "../../lib/widgets.js";

const ALWAYS = ["done", "running", "ready", "waiting", "parked"];
const SOMETIMES = ["cancelled"];

export function Counts({ jobs }) {
  const states = [...ALWAYS, ...SOMETIMES.filter((state) => jobs[state] > 0)];
  return html`<nav class="counts" aria-label="Jobs by state">${states.map(
    (state) => html`<a key=${state} class=${jobs[state] > 0 ? "count" : "count none"} href=${href("/queue", { state })}>
      <span class="big number">${number(jobs[state] ?? 0)}</span>
      <${Mark} state=${state} text=${WORDS[state]} />
    </a>`,
  )}</nav>`;
}

const WORDS = {
  done: "Delivered", running: "In work", ready: "Queued", waiting: "Waiting", parked: "Failed",
  cancelled: "Cancelled",
};
