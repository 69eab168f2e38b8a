/** How long what is left takes, as far as anybody can say. */

import { isPaused, sinks } from "./facts.js";
import { left } from "./format.js";

/** Of less nobody says more than that it is soon. */
const SOON_S = 10;

/** "about 1 h 40 min", or why nobody can say; "" where nothing moves. */
export function timeLeft(status) {
  const { eta_s: rest } = status.counts;
  if (allPaused(status) || allRests(status)) return "paused";
  if (rest) return about(rest);
  return isSilent(status) || status.counts.rate ? "time unknown" : "";
}

/** Seconds as nobody takes them for exact. */
export function about(seconds) {
  return seconds < SOON_S ? left(seconds) : `about ${left(seconds)}`;
}

/** What waits for a sink that a person lets rest; undefined where it gets something, or nothing waits. */
export function restingAt({ counts }, sink) {
  return counts.sinks.find((each) => each.sink === sink && each.paused);
}

/** Whether a person lets every sink rest. */
export function allPaused(status) {
  const all = sinks(status);
  return all.length > 0 && all.every((each) => isPaused(status, each.id));
}

/** Whether all that is left waits for sinks that a person lets rest. */
export function allRests({ counts }) {
  return counts.sinks.length > 0 && !counts.unmade && counts.sinks.every((each) => each.paused);
}

function isSilent(status) {
  return sinks(status).some((each) => each.facts.silent_since && !isPaused(status, each.id));
}
