/** How long what is left takes, as far as anybody can say. */

import { isPaused, sinks } from "./facts.js";
import { left } from "./format.js";

/** Of less nobody says more than that it is soon. */
const SOON_S = 10;

/** "about 1 h 40 min", or why nobody can say; "" where nothing moves. */
export function timeLeft(status) {
  const { eta_s: rest } = status.counts;
  if (allPaused(status) || allRests(status)) return "paused";
  if (rest) return rest < SOON_S ? left(rest) : `about ${left(rest)}`;
  return isSilent(status) ? "time unknown" : "";
}

/** Whether a person lets every sink rest. */
export function allPaused(status) {
  const all = sinks(status);
  return all.length > 0 && all.every((each) => isPaused(status, each.id));
}

/** Whether all that is left waits for sinks that a person lets rest. */
export function allRests({ counts }) {
  const files = (counts.resting ?? []).reduce((sum, each) => sum + each.files, 0);
  return files > 0 && files >= counts.files_remaining;
}

function isSilent(status) {
  return sinks(status).some((each) => each.facts.silent_since && !isPaused(status, each.id));
}
