/** The buttons of one job `to` sinks: the verbs that make sense for its state, or those that are said to help. */

import { html } from "../../lib/html.js";
import { Button } from "../../lib/widgets.js";
import { act, helps } from "../queue/doing.js";

const WORDS = { retry: "Retry", release: "Release", hold: "Hold", top: "To the top", cancel: "Cancel" };

export function JobVerbs({ job, clip, name, state, releasable = true, problem, to, verbs = Object.keys(WORDS), done }) {
  const run = async (verb) => {
    if (await act(verb, [job], { clip, name, problem, to })) await done?.();
  };
  return html`<div class="row">${verbs
    .filter((verb) => verb in WORDS && (!state || helps(verb, state)) && (verb !== "release" || releasable))
    .map((verb) => html`<${Button} key=${verb} kind=${verb === "cancel" ? "quiet" : undefined}
      label=${`${WORDS[verb]} ${name}`} onClick=${() => run(verb)}>${WORDS[verb]}<//>`)}</div>`;
}
