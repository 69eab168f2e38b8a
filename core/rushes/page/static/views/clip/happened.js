/** What happened to a clip, in words. `about` is what is known beside the events, see `knowing`. */

import { plain, sentence } from "../../lib/facts.js";
import { bytes, duration } from "../../lib/format.js";
import { decisionOf } from "../clips/evidence.js";

const BY_PERSON = {
  "job.top": "Moved to the top of the queue",
  "job.move": "Moved in the queue",
  "job.hold": "Held",
  "job.release": "Released",
  "job.retry": "Retried",
  "job.cancel": "Cancelled",
};

/** Every kind of event of a clip; null is one of which people need not hear. */
const WORDS = {
  "clip.admitted": ({ detail }) => `Found${detail.card ? ` on ${detail.card}` : ""}${detail.size ? `, ${bytes(detail.size)}` : ""}`,
  "clip.completed": ({ detail }) => `Recording complete${detail.size ? `, ${bytes(detail.size)}` : ""}`,
  "clip.changed": () => "The file changed, it is looked at again",
  "clip.annotated": () => "Its metadata was read",
  "clip.unrouted": () => "No route takes it, it goes nowhere",
  "job.planned": (event, about) => `Queued${toSinks(event, about)}`,
  "job.changed": (event, about) => `The rules changed, planned again${toSinks(event, about)}`,
  "job.withdrawn": (event, about) => because(`Taken out of the queue${toSinks(event, about)}`, event),
  "job.settled": () => null,
  "step.started": (event, about) => (delivers(event, about) ? `Started sending to ${about.called(event.component)}` : `Started: ${making(event, about).toLowerCase()}`),
  "step.announced": () => null,
  "step.done": done,
  "step.note": ({ detail }) => sentence(plain(detail.text)) || null,
  "step.waiting": (event) => because("Waiting", event),
  "step.parked": (event, about) => because(`Failed${where(event, about)}`, event),
  "component.failed": (event, about) => because(`${about.called(event.component)} could not look at it`, event),
};

/** A sentence, or null for what only the engine cares about. */
export function told(event, about) {
  const { kind, detail } = event;
  if (kind.startsWith("match.")) return decisionOf(kind, detail);
  if (kind in BY_PERSON) return `${BY_PERSON[kind]} by a person${toSinks(event, about)}`;
  if (kind in WORDS) return WORDS[kind](event, about);
  return because(sentence(kind.replace(/[._]/g, " ")), event);
}

/** What is needed for words: jobs and their steps by id, when steps began, and what people call a component. */
export function knowing(jobs, events, called) {
  const steps = new Map(jobs.flatMap((job) => job.steps.map((step) => [step.id, step])));
  // The newest come first: of several beginnings of a step each end has the next one behind it.
  const began = new Map();
  events.forEach((event, at) => {
    if (event.kind !== "step.done") return;
    const begin = events.slice(at).find((each) => each.kind === "step.started" && each.step === event.step);
    if (begin) began.set(event.seq, begin.at);
  });
  return { jobs: new Map(jobs.map((job) => [job.id, job])), steps, began, called };
}

function done(event, about) {
  const { component, detail } = event;
  const receipt = detail.receipt ?? null;
  const begin = about.began.get(event.seq);
  const took = begin === undefined ? "" : ` in ${seconds(event.at - begin)}`;
  if (!receipt && !delivers(event, about)) return `${making(event, about)} done${took}`;
  return [`Sent to ${about.called(component)}${took}`, checkedWith(receipt?.checked)].filter(Boolean).join(", ");
}

/** "xxh3_64 read back": how a delivery was checked, as people say it. */
export function checkedWith(checked) {
  if (!checked) return "";
  return `checked with ${checked.replace("xxh3_64", "xxh3").replace(" read back", " and read back")}`;
}

function delivers({ step, component }, { steps, jobs }) {
  const known = steps.get(step);
  return known ? known.verb === "deliver" : [...jobs.values()].some((job) => job.sinks.includes(component));
}

/** "dailies.proxy": "Proxy". */
function making({ component }, about) {
  return component.includes(".") ? sentence(component.split(".").at(-1).replaceAll("_", " ")) : about.called(component);
}

function where(event, about) {
  if (!event.component) return "";
  return delivers(event, about) ? `, not sent to ${about.called(event.component)}` : `, no ${making(event, about).toLowerCase()} was made`;
}

function toSinks({ job }, { jobs, called }) {
  const sinks = jobs.get(job)?.sinks ?? [];
  return sinks.length ? ` for ${sinks.map(called).join(" and ")}` : "";
}

function because(words, { detail }) {
  const why = plain(detail.reason || detail.text || "");
  return why ? `${words}: ${why}` : words;
}

/** How long work took: "3.2 s", "2:05". */
function seconds(span) {
  return span < 60 ? `${span < 10 ? span.toFixed(1) : Math.round(span)}\u00a0s` : duration(span);
}
