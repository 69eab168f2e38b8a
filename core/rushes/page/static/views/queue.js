/** Every job: what runs, what comes next in the order in which it will run, what waits, failed, was delivered. */

import { get } from "../lib/api.js";
import { doingOf, isPaused, standing } from "../lib/facts.js";
import { bytes, count, number } from "../lib/format.js";
import { html, useMemo, useRef, useState } from "../lib/html.js";
import { useNames, useStatus } from "../lib/live.js";
import { timeLeft } from "../lib/remaining.js";
import { go, href } from "../lib/route.js";
import { Button, Empty, Failure, Icon, Page, Search, Select, usePaging } from "../lib/widgets.js";
import { PauseButton } from "./connection/pause.js";
import { AddClip } from "./queue/add.js";
import { reaching, useDrag } from "./queue/drag.js";
import { moveTo, verbs } from "./queue/doing.js";
import { useKeys } from "./queue/keys.js";
import { Row } from "./queue/row.js";
import { Selected, useSelection } from "./queue/selection.js";
import { Switches } from "./queue/switches.js";
import { TABS, tabOf } from "./queue/tabs.js";

export default function Queue({ query }) {
  const status = useStatus();
  const tab = tabOf(query.state);
  const { q = "", sink = "", route = "" } = query;
  const filter = { q, sink, route };
  const asked = { ...filter, state: tab.states.join(","), order: tab.over ? "newest" : "queue" };
  const load = ({ limit, after, signal }) =>
    get("/v1/jobs", { ...asked, limit, after }, { signal }).then((found) => ({ ...found, items: found.jobs }));
  const list = usePaging(load, [asked], { kinds: ["job", "step", "queue", "switch"] });
  const known = list.items;
  const selection = useSelection(known, JSON.stringify(asked));
  const [adding, setAdding] = useState(false);

  const ordered = tab.ordered && !q && !sink && !route;
  const box = useRef(null);
  const doing = useRef(null);
  doing.current = verbs({ list, known, selection });
  const drag = useDrag(box, known, (id, before) => moveTo(list, known, selection.ids.has(id) ? selection.inOrder() : [id], before));
  const keys = useKeys(box, { known, selection, ordered, doing });
  const works = useMemo(() => grouped(status), [status.current, status.components]);
  const called = useNames();

  const to = (changes) => href("/queue", { state: tab.name, ...filter, ...changes });
  const filterBy = (changes, replace) => go("/queue", { state: tab.name, ...filter, ...changes }, { replace });
  const sinks = status.components.filter((each) => each.kind === "sink").map((each) => ({ value: each.id, label: called.get(each.id) }));

  return html`<${Page} title="Queue" note=${left(status)}
    actions=${html`<${Button} icon="plus" onClick=${() => setAdding(true)}>Add a clip<//>`}>
    <${Switches} status=${status} />
    <nav class="tabs" aria-label="Jobs by state">${TABS.filter((each) => !each.seldom || each === tab || counted(each, status) > 0).map(
      (each) => html`<a key=${each.name} class="chip" href=${to({ state: each.name })} aria-current=${each === tab ? "true" : undefined}>
        ${each.word}<span class=${`badge ${counted(each, status) ? each.tone : ""}`}>${number(counted(each, status))}</span></a>`,
    )}</nav>
    <div class="row queue-filters">
      <${Search} label="Search by name" value=${q} onInput=${(text) => filterBy({ q: text }, true)} />
      ${sinks.length > 1 && html`<${Select} label="To" value=${sink} onChange=${(value) => filterBy({ sink: value }, true)}
        options=${[{ value: "", label: "Every sink" }, ...sinks]} />`}
    </div>
    ${list.error && html`<${Failure} error=${list.error} onRetry=${list.reload} bare=${!list.document} />`}
    ${["", "waiting"].includes(tab.name) && status.counts.files_remaining > 0 && html`<${Standing} status=${status} />`}
    ${known.length > 0 && html`<section class="card queue" aria-label=${tab.word}>
      <div class="queue-head row spread">
        <label class="pick"><input type="checkbox" checked=${selection.all} onClick=${selection.toggleAll}
          ref=${(input) => input && (input.indeterminate = selection.some)} /><span>Select all shown</span></label>
        <p class="small muted number">${list.total > known.length ? `${number(known.length)} of ${count(list.total, "job")}` : count(list.total ?? known.length, "job")}</p>
      </div>
      <p class="unseen" id="queue-keys">${ordered ? "With the focus on Move, the arrow keys move the job. " : ""}With the focus on a box, the arrow keys go from job to job, with Shift they select. Delete cancels what is selected.</p>
      <ol class=${`rows ${drag.id ? "dragging" : ""}`} ref=${box} onKeyDown=${keys}>${known.map(
        (job) => html`<${Row} key=${job.id} job=${job} now=${works.get(job.id) ?? ""} ordered=${ordered}
          selected=${selection.ids.has(job.id)} dragged=${reaching(drag, job.id, selection.ids)} over=${drag.before === job.id}
          doing=${doing} called=${called} grab=${drag.grab} select=${selection.pick} />`,
      )}${drag.id && html`<li class=${`row-end ${drag.before === null ? "over" : ""}`} aria-hidden="true"></li>`}</ol>
      ${list.rest}
    </section>`}
    ${list.document && known.length === 0 && html`<${NothingHere} tab=${tab} status=${status} q=${q} filtered=${q || sink || route} to=${to} />`}
    <${Selected} selection=${selection} known=${known} tab=${tab} total=${list.total} asked=${asked} doing=${doing} />
    ${adding && html`<${AddClip} sinks=${sinks} called=${called} onClose=${() => setAdding(false)} onAdded=${list.reload} />`}
  <//>`;
}

/** What is left, in a line, as the overview has it. */
function left(status) {
  const { files_remaining: files, bytes_remaining: size } = status.counts;
  if (!files) return "Nothing is left to deliver";
  return [`${count(files, "file")} left to deliver`, size > 0 && bytes(size), timeLeft(status)].filter(Boolean).join(" · ");
}

function counted(tab, status) {
  const states = tab.states.length ? tab.states : Object.keys(status.counts.jobs);
  return states.reduce((sum, state) => sum + (status.counts.jobs[state] ?? 0), 0);
}

/** Why nothing goes to a sink, before the jobs that wait for it. */
function Standing({ status }) {
  const found = standing(status);
  if (!found.length) return null;
  const [paused] = found.filter((each) => isPaused(status, each.sink));
  return html`<div class="notice warn"><${Icon} name="wait" /><p>${found.map((each) => each.why).join(", ")}. ${paused ? "What goes there waits for you." : "What goes there goes on by itself once that is over."}</p>
    ${paused ? html`<${PauseButton} status=${status} sink=${paused.sink} />` : html`<${Button} href=${href(`/connection/${found[0].sink}`)}>Connection<//>`}</div>`;
}

/** What is in work of each job, as text: a row is drawn again when that differs. */
function grouped(status) {
  const found = new Map();
  for (const each of status.current) {
    const work = { ...each, doing: doingOf(status, each) };
    found.set(work.job, [...(found.get(work.job) ?? []), work]);
  }
  return new Map([...found].map(([job, works]) => [job, JSON.stringify(works)]));
}

function NothingHere({ tab, status, q, filtered, to }) {
  if (filtered) {
    const ways = html`<div class="row">${tab.name !== "all" && html`<${Button} icon="search" href=${to({ state: "all" })}>Look among all jobs<//>`}
      <${Button} href=${to({ q: "", sink: "", route: "" })}>Clear the search<//></div>`;
    return html`<${Empty} icon="search" title=${q ? `Nothing called ${q} here` : "Nothing of that kind here"} action=${ways}>It may be in another state by now.<//>`;
  }
  const { parked = 0 } = status.counts.jobs;
  const ways = tab.name === "" && parked > 0 && html`<${Button} href=${href("/queue", { state: "parked" })}>${number(parked)} failed<//>`;
  return html`<${Empty} icon=${tab.icon} title=${tab.empty} action=${ways || undefined}>${tab.why}<//>`;
}
