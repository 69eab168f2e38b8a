/** What needs a person, each with why and what helps; matches are decided here. */

import { get } from "../lib/api.js";
import { count } from "../lib/format.js";
import { needing, plain, sentence } from "../lib/facts.js";
import { html } from "../lib/html.js";
import { useFresh, useStatus } from "../lib/live.js";
import { href } from "../lib/route.js";
import { Empty, Failure, Page, Timecode, usePaging } from "../lib/widgets.js";
import { JobVerbs } from "./clips/jobs.js";
import { Candidate, placeOf } from "./clips/matching.js";

const GROUPS = [
  ["Failed", ["parked", "media"]],
  ["Waiting for you", ["waiting"]],
  ["Cards and components", ["card", "component"]],
  ["This machine", ["disk", "ledger", "clock"]],
  ["Rules", ["rules"]],
];

export default function Attention() {
  const status = useStatus();
  const all = useFresh(({ signal }) => get("/v1/attention", {}, { signal }), [JSON.stringify(status.attention)]);
  const matches = usePaging(
    ({ limit, after, signal }) =>
      get("/v1/matches", { state: "ambiguous", limit, after }, { signal }).then((found) => ({ ...found, items: found.matches })),
    [JSON.stringify(status.attention.filter((each) => each.kind === "match"))],
    { kinds: ["component", "clip"], size: 20 },
  );
  const items = all.data?.attention ?? status.attention;
  const others = items.filter((each) => each.kind !== "match");
  const total = needing(status);
  const calm = all.data && matches.document && !total && !others.length && !matches.items.length;
  return html`<${Page} title="Needs attention" note=${total ? count(total, "thing") : ""}>
    ${all.error && html`<${Failure} error=${all.error} onRetry=${all.reload} />`}
    ${matches.error && html`<${Failure} error=${matches.error} onRetry=${matches.reload} />`}
    ${calm && html`<${Empty} title="Nothing needs you">Whatever does will show here.<//>`}
    ${GROUPS.map(([title, kinds]) => {
      const found = others.filter((each) => kinds.includes(each.kind));
      return found.length > 0 && html`<section key=${title} class="card"><h2>${title}</h2>
        <ul class="list">${found.map((each) => html`<${Item} key=${`${each.job} ${each.subject} ${each.reason}`} item=${each} done=${all.reload} />`)}</ul></section>`;
    })}
    ${matches.items.map((each) => html`<section key=${`${each.clip.id} ${each.annotator} ${each.kind}`} class="card" aria-label=${`What belongs to ${each.clip.name}`}>
      <h2>What belongs to <a href=${href(`/clips/${each.clip.id}`)}>${each.clip.name}</a>?</h2>
      <p class="muted">${placeOf(each.clip)} ${each.clip.timecode && html`<${Timecode}>${each.clip.timecode}<//>`}</p>
      <ul class="candidates">${each.candidates.map((one) => html`<${Candidate} key=${one.other.id} clip=${each.clip.id} kind=${each.kind} ...${one} done=${matches.reload} />`)}</ul>
    </section>`)}
    ${matches.rest}
  <//>`;
}

/** What of a remedy is a command line the buttons do; the rest is told. */
function Item({ item, done }) {
  // What is not told one by one is in the queue.
  const queue = item.things > 1 && href("/queue", { state: item.kind });
  const where = item.clip ? href(`/clips/${item.clip}`) : queue;
  const told = item.remedy.replace(/(, then )?pipeline .*$/s, "");
  return html`<li class="stack">
    <p class="attention-name">${where ? html`<a href=${where}>${item.subject}</a>` : html`<strong>${item.subject}</strong>`}</p>
    <p>${sentence(plain(item.reason))}</p>
    ${item.to.length > 0 && html`<p class="muted small">To ${item.to.join(", ")}</p>`}
    ${told && html`<p class="muted small">${sentence(told)}</p>`}
    ${item.job && html`<${JobVerbs} job=${item.job} name=${item.subject} problem=${item.problem} to=${item.to} verbs=${item.verbs} done=${done} />`}
  </li>`;
}
