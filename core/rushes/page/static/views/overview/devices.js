/** The set: its timecode, running, and the devices that it comes from. */

import { get } from "../../lib/api.js";
import { sentence } from "../../lib/facts.js";
import { clock } from "../../lib/format.js";
import { html, useEffect } from "../../lib/html.js";
import { useFresh, useReach } from "../../lib/live.js";
import { Icon, Mark } from "../../lib/widgets.js";
import { STALE_S, Ticking } from "../../lib/widgets/ticking.js";

/** Batteries and timecode are no events: they are asked for now and then while somebody looks. */
const AGAIN_MS = 10_000;
const ICONS = { camera: "camera", sound: "sound", sound_recorder: "sound", recorder: "sound", lens: "lens", generator: "clock", slate: "slate", "slate-info": "slate" };
const LOW = 20;

export function Devices({ status }) {
  const told = JSON.stringify(status.components.filter((each) => each.kind === "source").map(changes));
  const timecodes = useFresh(({ signal }) => get("/v1/timecode", {}, { signal }), [told]);
  const devices = useFresh(({ signal }) => get("/v1/devices", {}, { signal }), [told], { kinds: ["device"] });
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.hidden) return;
      timecodes.reload();
      devices.reload();
    }, AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  const heard = (timecodes.data?.timecodes ?? []).map((each) => newest(each, status, devices.data?.devices ?? []));
  const present = [...(devices.data?.devices ?? [])].sort((a, b) => Number(b.present) - Number(a.present));
  if (!heard.length && !present.length) return null;
  return html`<section class="card devices" aria-labelledby="set-head">
    <h2 id="set-head">Set</h2>
    ${heard.map((each) => html`<${Heard} key=${each.component} told=${each} />`)}
    <ul class="list">${present.map((each) => html`<${Device} key=${each.source + each.id} device=${each} />`)}</ul>
  </section>`;
}

/** What makes another timecode of it; that it goes on does not. */
function changes({ id, state, facts }) {
  return [id, state, facts.timecode_from, facts.devices, facts.connection];
}

/** What the status says of it is never older; a rate that it does not tell is that of a device of the same source. */
function newest(told, status, devices) {
  const { timecode, heard_at } = status.components.find((each) => each.id === told.component)?.facts ?? {};
  const rates = devices.filter((each) => each.source === told.component && each.facts.timecode_rate);
  const leader = rates.find((each) => each.name === told.timecode_from) ?? rates.find((each) => each.facts.master) ?? rates[0];
  return { ...told, rate: told.rate ?? leader?.facts.timecode_rate, ...(timecode ? { timecode, heard_at } : {}) };
}

function Heard({ told }) {
  const { skew } = useReach();
  const old = told.heard_at && Date.now() / 1000 + skew - told.heard_at > STALE_S;
  const from = told.timecode_from ?? told.component;
  return html`<div class="heard"><${Ticking} big label=${told.timecode} at=${told.heard_at} rate=${told.rate} />
    <p class="muted small">${from}${told.rate ? `, ${told.rate} fps` : ""}
      ${old && html`<span class="warn"> · not heard since ${clock(told.heard_at)}</span>`}</p></div>`;
}

function Device({ device }) {
  const { facts, present } = device;
  return html`<li class=${present ? "device" : "device gone"}>
    <${Icon} name=${ICONS[device.type] ?? "device"} />
    <div class="grow"><p class="ellipsis">${device.name || sentence(device.type)}</p>
      <p class="muted small ellipsis">${[sentence(device.type.replaceAll(/[_-]/g, " ")), device.channel && `channel ${device.channel}`, facts.master && "master"].filter(Boolean).join(" · ")}</p></div>
    ${present && facts.timecode && html`<${Ticking} label=${facts.timecode} at=${facts.heard_at} rate=${facts.timecode_rate} />`}
    ${present ? html`<${Battery} level=${facts.battery} />` : html`<${Mark} state="gone" text="Not there" />`}
  </li>`;
}

function Battery({ level }) {
  if (level === undefined || level === null) return null;
  const low = typeof level === "number" && level <= LOW;
  return html`<span class=${low ? "battery bad" : "battery"}><${Icon} name="battery" size="20" />
    <span class="number"><span class="unseen">Battery ${low ? "low, " : ""}</span>${typeof level === "number" ? `${Math.round(level)} %` : level}</span></span>`;
}
