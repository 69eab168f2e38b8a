/** What a job does, and how it stands, in words. */

import { plain, sentence } from "../../lib/facts.js";
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

/** One short phrase for the head of the page: "Delivered to raid", "Waiting for Frame.io: not paired". */
export function glanceOf(job, called) {
  const to = job.sinks.map(called).join(" and ");
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

/** Where a delivery is, how large, and how that was checked. */
export function proofOf({ name, receipt }) {
  return [name, bytes(receipt.size), receipt.where && `at ${receipt.where}`, checkedWith(receipt.checked)].filter(Boolean).join(", ");
}
