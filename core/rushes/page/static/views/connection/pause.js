/** A person lets a sink rest, and lets it go on. */

import { isPaused } from "../../lib/facts.js";
import { html } from "../../lib/html.js";
import { post } from "../../lib/api.js";
import { Button } from "../../lib/widgets.js";

export function PauseButton({ status, sink }) {
  const paused = isPaused(status, sink);
  const turn = () => post(`/v1/switches/${paused ? "resume" : "pause"}`, { names: [sink] });
  return html`<${Button} icon=${paused ? "play" : "pause"} kind=${paused ? "primary" : ""} onClick=${turn}>
    ${paused ? "Go on" : "Pause"}<span class="unseen"> deliveries to ${sink}</span><//>`;
}
