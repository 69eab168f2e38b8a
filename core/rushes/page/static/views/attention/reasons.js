/** What a note says to people: why, what to do about it, and the technical reason small. */

import { connectionOf, isPaused, plain, sentence, serviceName } from "../../lib/facts.js";

const UNREADABLE = /not readable as media|not a media file|no picture and no sound in it|the reader fails on it|invalid data found|moov atom not found/i;
const CUT = /^truncated: /;
const CHANGED = /^changed since it was admitted/;
const AGAIN = "Retry it. If it fails again, tell whoever looks after the pipeline.";

/** `{subject, place, why, what, detail}` of a note: what it is about and where that lies, then texts, "" where nothing is. */
export function said(note, status) {
  const component = status.components.find((each) => each.id === note.component);
  const reason = plain(note.reason);
  return { ...subject(note, component), detail: "", what: told(note.remedy), ...words(note, reason, component, status) };
}


function subject(note, component) {
  if (component && note.subject === component.id) return { subject: serviceName(component), place: "" };
  const [, card, path] = note.clip ? /^(.*?): (.*)$/s.exec(note.subject) ?? [] : [];
  if (!path) return { subject: sentence(note.subject), place: "" };
  const folder = path.replace(/[^/]*$/, "").replace(/\/$/, "");
  return { subject: path.split("/").at(-1), place: [`Card ${card}`, folder].filter(Boolean).join(", ") };
}

/** What of a remedy is no command line: buttons do those here, or people who look after the machine. */
function told(remedy) {
  return sentence(remedy.replace(/(, then |: |; )?\b(pipeline|sudo|du) .*$/s, "").trim());
}

function words(note, reason, component, status) {
  const { kind } = note;
  if (kind === "match") return { why: sentence(reason), what: "" };
  if (CUT.test(reason) || UNREADABLE.test(reason)) {
    const what = note.jobs.length ? "Record or copy it again, then cancel this. Retry sends it as it is." : "Record or copy it again.";
    const why = CUT.test(reason) ? "This file is not whole. Its copy or its recording may have been cut short." : "This file cannot be read as media. It may be damaged or not finished.";
    return { why, what, detail: reason };
  }
  if (CHANGED.test(reason)) return { why: "This file changed while it was to be sent.", what: "Once it is quiet it goes on by itself.", detail: reason.split("; ")[0] };
  const gone = /^deleted from (.*)$/.exec(reason);
  if (gone) return { why: `The file is no longer on ${gone[1]}.`, what: "Put it back under the same name and retry, or cancel." };
  if (/^(unreadable|cannot be read): /.test(reason)) return { why: "The file is there, but cannot be read.", what: "Look at the card, its reader and its permissions, then retry.", detail: reason };
  if (/^bug in /.test(reason)) return { why: "Something went wrong in the program itself.", what: AGAIN, detail: reason };
  const refused = kind === "parked" && /^(.*?) answered \d{3}\b/.exec(reason);
  if (refused) return { why: `${refused[1]} did not take it.`, what: AGAIN, detail: reason };
  if (kind === "component" && component) return { why: sentence(reason), what: "", ...ofComponent(note, reason, component, status) };
  if (kind === "waiting" && component) return { why: sentence(reason), what: "It goes on by itself once that is so." };
  if (kind === "rules") return { why: "The pipeline's file was changed and cannot be followed.", what: "Correct it. Until then everything goes on by the rules before.", detail: reason };
  if (kind === "clock") return { why: sentence(`the ${note.subject} ${reason}`), what: "Have the network set the clock, in the settings of this machine." };
  if (kind === "ledger") return { why: "Nothing can be written down, so nothing new is begun.", what: "Free some space on this machine.", detail: reason };
  return { why: sentence(reason), ...(kind === "parked" && !told(note.remedy) && { what: AGAIN }) };
}

function ofComponent(note, reason, component, status) {
  const name = serviceName(component);
  if (isPaused(status, component.id)) return { why: "Paused by you.", what: "" };
  if (["not authorised", "not connected"].includes(connectionOf(component))) return { why: `${name} is not connected.`, what: "", detail: again(reason, "not paired") };
  if (/no such folder/.test(reason)) return { why: `The disk of ${name} is not there.`, what: "Connect the disk, then it goes on by itself.", detail: reason.split("; ")[0] };
  if (/may not be written/.test(reason)) return { why: `Nothing may be written to ${name}.`, what: "Allow it on that disk, then it goes on by itself.", detail: reason.split("; ")[0] };
  if (/^disk full/.test(reason)) return { why: `${name} is full.`, what: "Free some space there, then it goes on by itself.", detail: reason };
  const [fact, remedy] = reason.split(/; (.*)/s);
  if (note.by_itself) {
    const [, away, why] = /^(.* cannot be reached): (.*)$/s.exec(fact) ?? [null, fact, ""];
    return { why: `${sentence(away).replace(/\.$/, "")}.`, what: sentence(remedy ?? ""), detail: sentence(why) };
  }
  return { why: sentence(fact), what: sentence(remedy ?? "It goes on by itself once that is so.") };
}

/** A reason that says no more than what is said already is none. */
function again(reason, known) {
  return reason === known ? "" : sentence(reason);
}
