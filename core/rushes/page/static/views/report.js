/** A shooting day as it is handed in: what is not delivered yet, the day's numbers, every clip by card. */

import { get } from "../lib/api.js";
import { bytes, clock, count, date } from "../lib/format.js";
import { html } from "../lib/html.js";
import { useFresh } from "../lib/live.js";
import { go, href } from "../lib/route.js";
import { Button, Empty, Failure, Page, Select } from "../lib/widgets.js";
import { Clips } from "./report/clips.js";
import { Missing, Places, Totals, Undelivered } from "./report/parts.js";
import { useRested } from "../lib/rested.js";

export default function Report({ parts }) {
  const known = useFresh(({ signal }) => get("/v1/reports", {}, { signal }), []);
  useRested(known.reload, ["clip"]);
  const days = known.data?.days ?? [];
  const day = parts[0] ?? days[0]?.day;
  const there = days.some((each) => each.day === day);
  if (known.error && !known.data) return html`<${Page} title="Report"><${Failure} error=${known.error} onRetry=${known.reload} bare /><//>`;
  if (!known.data) return html`<${Page} title="Report" />`;
  if (!days.length) return html`<${Page} title="Report"><${Empty} icon="clips" title="No clips yet">
    Each shooting day has its report as soon as a card or a folder has a clip of it.<//><//>`;
  const choice = html`<${Select} label="Shooting day" value=${there ? day : ""} onChange=${(to) => go(`/report/${to}`)}
    options=${[...(there ? [] : [{ value: "", label: "Choose a day" }]), ...days.map(optionOf)]} />`;
  if (!there) return html`<${Page} title="Report">${choice}<${Empty} icon="search" title="No clip is of that day">
    Choose one of the days on which something was shot.<//><//>`;
  return html`<${Day} key=${day} day=${day} choice=${choice} />`;
}

function optionOf({ day, clips, bytes: size }) {
  return { value: day, label: date(day), count: `${count(clips, "clip")}, ${bytes(size)}` };
}

function Day({ day, choice }) {
  const path = `/v1/reports/${encodeURIComponent(day)}`;
  const { data, error, reload } = useFresh(({ signal }) => get(`${path}/summary`, {}, { signal }), [day]);
  useRested(reload, ["clip", "job", "step"]);
  const actions = html`
    <${Button} icon="down" href=${`${path}?format=csv`} download="">Download CSV<//>
    <${Button} icon="open" href=${`${path}?format=html`} target="_blank" rel="noopener">Print or save as PDF<//>`;
  return html`<${Page} title=${`Report of ${date(day)}`} note=${data && `${data.pipeline}, as of ${clock(data.made)}`} actions=${actions}>
    <div class="row report-day">${choice}<${Button} kind="quiet" icon="clips" href=${href("/clips", { day })}>Search these clips<//></div>
    ${error && html`<${Failure} error=${error} onRetry=${reload} />`}
    ${data && html`<${Undelivered} day=${data} />
      <div class="report-sums"><${Totals} day=${data} /><${Places} day=${data} /></div>
      <${Missing} day=${data} />`}
    <${Clips} day=${day} cards=${data?.cards ?? (error && [])} />
  <//>`;
}
