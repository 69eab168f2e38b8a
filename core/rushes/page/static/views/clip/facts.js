/** What is known of a clip, grouped and worded for people of the set. */

import { sentence } from "../../lib/facts.js";
import { bytes, clock, count, day, duration, number } from "../../lib/format.js";

/** Each with the names that belong to it, in the order in which they are looked for. */
const GROUPS = [
  ["Slate", ["scene", "slate", "take", "circled", "waste", "mos", "note", "camera", "reel", "clip_name", "project", "device"]],
  ["Timecode", ["timecode", "timecode_end", "timecode_rate", "rate", "duration", "frames", "timecode_from", "user_bits"]],
  ["Picture", ["width", "codec", "profile", "pixel_format", "bit_depth", "colour_space", "transfer", "aspect", "rotation", "interlaced", "variable_rate", "lens", "iso", "shutter", "white_balance"]],
  ["Sound", ["channels", "tracks", "audio_layout", "sample_rate", "start_sample"]],
  ["File", ["size", "card", "path", "kind", "role", "container", "recorded", "created", "modified", "first_seen", "complete"]],
];
/** A sound has no picture. */
const OF_SOUND = GROUPS.filter(([title]) => title !== "Picture").map(([title, names]) => [title, title === "Sound" ? ["codec", "bit_depth", ...names] : names]);
const NAMES = {
  mos: "Without sound (MOS)", waste: "Not to be used", reel: "Reel", clip_name: "Name in camera", note: "Remark",
  timecode: "Start", timecode_end: "End", timecode_rate: "Timecode rate", rate: "Frame rate", duration: "Length", timecode_from: "Read from",
  width: "Size", iso: "ISO", colour_space: "Colour", variable_rate: "Variable frame rate", bit_depth: "Bit depth",
  tracks: "Tracks", audio_layout: "Layout", start_sample: "First sample",
  created: "Created", recorded: "Recorded", modified: "Changed", first_seen: "Found", complete: "Complete", container: "Container",
  id: "Id", part_of: "Continues", proxy_of: "Proxy of", completed_by: "Found complete", created_zone: "Zone of the time", matched: "Picture and sound",
};
/** Names that say nothing which is not said elsewhere on the page. */
const LEFT_OUT = new Set(["name", "extension", "folder", "height", "problem", "created_basis", "clip_index", "clip_day", "created_zone"]);
const COMPLETED = { closed: "When its writer closed it", renamed: "When it got its name", quiet: "When it no longer grew" };
const MATCHED = { matched: "Found each other", ambiguous: "Not sure what belongs together", none: "Nothing found that belongs to it" };
const FLAGS_OF_NOTE = new Set(["interlaced", "variable_rate", "waste", "mos", "circled"]);
const UNITS = { sample_rate: (hz) => `${hz / 1000}\u00a0kHz`, white_balance: (kelvin) => `${kelvin}\u00a0K`, bit_depth: (bits) => `${bits}\u00a0bit`, rotation: (turn) => `${turn}°` };

/** `[[group, [[name, value]]]]`; the last is "More", which few ask for; `kind` and such of no value are left out. */
export function factsOf(clip) {
  const { meta = {}, ...values } = clip;
  const rest = { ...values, ...(meta ?? {}) };
  // One looks for it: that there is none is an answer, once its media was read.
  if (!rest.timecode && rest.duration) rest.timecode = "None";
  const groups = (clip.kind === "audio" ? OF_SOUND : GROUPS).map(([title, names]) => {
    const facts = names.filter((name) => told(name, rest[name], clip)).map((name) => [wordOf(name, clip), valueOf(name, rest[name], clip)]);
    for (const name of names) delete rest[name];
    return [title, facts];
  });
  const more = Object.keys(rest).filter((name) => !LEFT_OUT.has(name) && told(name, rest[name], clip)).map((name) => [wordOf(name, clip), valueOf(name, rest[name], clip)]);
  return [...groups, ["More", more]].filter(([, facts]) => facts.length);
}

/** No value, or a flag or a turn that is as nearly always. */
function told(name, value, clip) {
  if (value === null || value === undefined || value === "") return false;
  if (FLAGS_OF_NOTE.has(name) || name === "rotation") return Boolean(value);
  if (name === "timecode_rate") return value !== clip.rate;
  return name !== "start_sample" || !clip.timecode;
}

function wordOf(name, { kind }) {
  if (name === "codec" && kind === "audio") return "Codec";
  return NAMES[name] ?? sentence(name.replaceAll("_", " "));
}

function valueOf(name, value, clip) {
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (name === "size") return bytes(value);
  if (name === "width") return `${value} × ${clip.height}`;
  if (name === "duration") return value < 60 ? `${Number(value.toFixed(2))}\u00a0s` : duration(value);
  if (name === "rate" || name === "timecode_rate") return rateOf(String(value));
  if (name === "volume") return String(value).replace(/^folder:/, "");
  if (name === "completed_by") return COMPLETED[value] ?? String(value);
  if (name === "matched") return MATCHED[value] ?? String(value);
  if (name === "timecode_from") return { tmcd: "Timecode track (tmcd)" }[value] ?? String(value);
  if (name === "channels") return count(value, "channel");
  if (name in UNITS && Number.isFinite(Number(value))) return UNITS[name](value);
  if (typeof value === "number") return name === "frames" || value >= 10000 ? number(value) : String(value);
  if (Array.isArray(value)) return value.map((each) => (typeof each === "object" ? pairs(each) : each)).join(", ");
  if (typeof value === "object") return pairs(value);
  return cut(momentOf(name, String(value)));
}

/** "25": "25 fps"; drop frame is told. */
export function rateOf(rate) {
  const drop = /df$/.test(rate);
  return `${rate.replace(/df$/, "")}\u00a0fps${drop ? ", drop frame" : ""}`;
}

/** A moment in the time of the set; what a device tells of its own clock stays as that. */
function momentOf(name, text) {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)) return text;
  const local = name === "recorded" ? text.replace(/(Z|[+-]\d\d:\d\d)$/, "") : text;
  const at = new Date(local).getTime() / 1000;
  return Number.isNaN(at) ? text : `${day(at)}, ${clock(at, { seconds: true })}`;
}

function pairs(value) {
  return Object.entries(value).map(([key, each]) => `${key.replaceAll("_", " ")} ${typeof each === "object" ? JSON.stringify(each) : each}`).join(", ");
}

function cut(text) {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
