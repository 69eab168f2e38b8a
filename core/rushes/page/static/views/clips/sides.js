/** One side of a match: how it looks or sounds, and what people tell recordings apart by. */

import { bytes, count, duration, left } from "../../lib/format.js";
import { html, useState } from "../../lib/html.js";
import { href } from "../../lib/route.js";
import { pictureOf } from "./showing.js";

const KIND_OF_LINK = { sound: "audio", picture: "video", proxy: "video", original: "video", record: "record" };

/** A side with its kind, which only its link may say. */
export function ofLink(side, link) {
  return side.kind ? side : { ...side, kind: KIND_OF_LINK[link] ?? "" };
}

/** Where a file lies and what recorded it, which tells two of one name apart: "A001/Clip, recorder MixPre". */
export function placeOf(side) {
  const { card, folder, recorder } = side;
  return [[card, folder].filter(Boolean).join("/"), recorder && `${machine(side).toLowerCase()} ${recorder}`].filter(Boolean).join(", ");
}

/** Names and values of what is known, in the order in which people ask. */
export function sideFacts(side, evidence = {}) {
  const { card, folder, recorder, scene, slate, take, timecode, timecode_end: end, size, channels, width, height } = side;
  return [
    ["Card", card],
    ["Folder", folder],
    [machine(side), recorder],
    ["Scene", scene],
    ["Slate", slate],
    ["Take", take],
    ["Timecode", timecode ? [timecode, end].filter(Boolean).join(" – ") : side.duration && "none"],
    ["Recorded", apart(evidence.wall_seconds)],
    ["Length", typeof side.duration === "number" && duration(side.duration)],
    ["Size", typeof size === "number" && bytes(size)],
    ["Picture", width && height && `${width} × ${height}`],
    ["Sound", channels && count(channels, "channel")],
  ].filter(([, value]) => value);
}

/** A small picture of it, or a small player; nothing where it is neither. */
export function Glance({ side }) {
  const [failed, setFailed] = useState(false);
  const { kind } = side;
  const fail = () => setFailed(true);
  if (failed) return null;
  if (kind === "audio") {
    return html`<audio class="glance" controls preload="none" src=${`/v1/clips/${encodeURIComponent(side.id)}/media`}
      aria-label=${`Listen to ${side.name} of ${side.card}`} onError=${fail}></audio>`;
  }
  if (kind !== "video" && kind !== "image") return null;
  return html`<a class="glance" href=${href(`/clips/${side.id}`)}><img src=${pictureOf(side.id, 320)} alt=${`A picture of ${side.name}`}
    loading="lazy" onError=${fail} /></a>`;
}

function machine({ kind }) {
  return kind === "video" || kind === "image" ? "Camera" : kind === "audio" ? "Recorder" : "Recorded by";
}

/** By the files' own clocks; `seconds` is how much later the picture is. */
function apart(seconds) {
  if (typeof seconds !== "number") return "";
  if (Math.abs(seconds) < 1) return "at the same time";
  return `${left(Math.abs(seconds))} ${seconds > 0 ? "before" : "after"} the picture`;
}
