/** What a job does, and how it stands, in words. */

import { placesOf, plain, sentence } from "../../lib/facts.js";
import { bytes } from "../../lib/format.js";
import { checkedWith } from "./happened.js";

/** "Proxy of A001C001 to Frame.io", "A001C001.mov to raid". */
export function nameOf(job, clip, called) {
  const delivered = job.steps.filter((step) => step.verb === "deliver");
  const made = delivered.length ? delivered.every((step) => step.role !== clip.role) : job.steps.length > 0;
  const word = delivered.length && made ? sentence(delivered[0].role) : makerOf(job);
  const what = made ? `${word} of ${clip.name}` : job.name;
  const to = job.sinks.map(called);
  return to.length ? `${what} to ${to.join(" and ")}` : what;
}

function makerOf(job) {
  return sentence((job.steps[0]?.component.split(".").at(-1) ?? "").replaceAll("_", " "));
}

/** What stands beside the state: that it is there, but cannot be watched. */
export function stateOf(job, clip) {
  return job.state === "done" && clip.problem ? "Delivered, not readable as media" : undefined;
}

/** How a job stands at its sinks, for the head of the page: `[[state, "Delivered to raid"], [state, "Waiting for Frame.io: not paired"]]`. */
export function glancesOf(job, called) {
  const [open, there] = placesOf(job).map((sinks) => sinks.map(called).join(" and "));
  const found = there ? [["done", `Delivered to ${there}`]] : [];
  return job.state === "done" && there ? found : [...found, [job.state, glance(job, open)]];
}

function glance(job, to) {
  const why = plain(job.reason);
  switch (job.state) {
    case "done":
      return to ? `Delivered to ${to}` : "Done";
    case "running":
      return `Working for ${to}`;
    case "ready":
      return `Queued for ${to}`;
    case "waiting":
      return `Waiting for ${to}${why ? `: ${why}` : ""}`;
    case "parked":
      return `Not delivered to ${to}`;
    default:
      return `${job.state === "withdrawn" ? "Withdrawn" : "Cancelled"} for ${to}`;
  }
}

/** Which sink has a delivery, where, how large, and how that was checked. */
export function proofOf({ name, component, receipt }, called) {
  return [`${called(component)} has ${name}`, bytes(receipt.size), receipt.where && `at ${receipt.where}`, checkedWith(receipt.checked)].filter(Boolean).join(", ");
}
