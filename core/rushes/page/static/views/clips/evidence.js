/** What speaks for and against two that may belong together, in plain words. */

import { sentence } from "../../lib/facts.js";
import { duration, number } from "../../lib/format.js";

const NAMED = ["scene", "slate", "take"];
/** Why an annotator is not sure: what it says, and how people say it. */
const WHY = {
  "lengths differ much": "One is much longer than the other",
  "the clocks' offset is not sure": "It is not known how the clocks of camera and recorder stood to each other",
  "overlap and names leave doubt": "Neither the times nor the names are quite clear",
  "overlaps a little": "It overlaps only a little",
  "touches it at the end": "It only touches the end",
  "is named otherwise": "It is named otherwise",
  "a person chose another": "Another one was chosen by a person",
};

/** Short phrases; `kind` is what the other may be of a clip ("sound"), `alone` when no other is left. */
export function evidenceOf(evidence, { kind = "file", alone = false } = {}) {
  const told = [];
  if (evidence.overlap_frames !== undefined) {
    const share = evidence.overlap_share;
    const part = typeof share === "number" ? `, ${Math.round(share * 100)}\u00a0% of it` : "";
    told.push(`Timecode overlaps by ${number(evidence.overlap_frames)} frames${part}`);
  }
  if (evidence.seconds_apart) told.push(`${duration(Math.abs(evidence.seconds_apart))} apart by timecode`);
  if (evidence.offset_frames) told.push(`Timecode is ${number(evidence.offset_frames)} frames off`);
  const same = NAMED.filter((name) => evidence[name] === "same");
  if (same.length) told.push(`Same ${listed(same)}`);
  for (const name of NAMED) if (evidence[name] === "differs") told.push(`Another ${name}`);
  if (evidence.why && evidence.by !== "person") told.push(...why(evidence.why, same, kind, alone));
  if (evidence.by === "person") told.push("Said by a person");
  return told;
}

const ABOUT = { audio: "Sound", video: "Picture", record: "Record" };
const DECIDED = { "match.accepted": "accepted", "match.rejected": "rejected" };

/** What a person decided, of an event "match.…": "Sound 12-T003.wav accepted by a person", "Decision on sound 12-T003.wav taken back". */
export function decisionOf(kind, { name, about }) {
  const what = [ABOUT[about] ?? "File", name].filter(Boolean).join(" ");
  return kind === "match.taken_back" ? `Decision on ${what[0].toLowerCase()}${what.slice(1)} taken back` : `${what} ${DECIDED[kind]} by a person`;
}

function why(reason, same, kind, alone) {
  if (reason !== "several have these names") return [WHY[reason] ?? sentence(String(reason))];
  return alone ? [] : [`Another ${kind} has the same ${same.length ? listed(same) : "name"}`];
}

/** ["scene", "slate", "take"]: "scene, slate and take". */
function listed(words) {
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words[0];
}
