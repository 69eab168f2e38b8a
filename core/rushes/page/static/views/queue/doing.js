/** What is asked of jobs, and what then is told. */

import { get, post } from "../../lib/api.js";
import { count } from "../../lib/format.js";
import { confirm, toast } from "../../lib/widgets.js";

const DONE = {
  top: "moved to the top, before what is being sent", hold: "held", release: "released", retry: "queued again",
  cancel: "cancelled: listed under Cancelled, where Retry brings it back",
};
/** What the job must be for a verb to make sense. */
const OF = {
  top: ["ready", "waiting"],
  hold: ["ready", "running", "waiting"],
  release: ["waiting"],
  retry: ["parked", "cancelled"],
  cancel: ["ready", "running", "waiting", "parked"],
};

/** Whether a verb may help a job of that state. */
export function helps(verb, state) {
  return OF[verb].includes(state);
}

/** Have jobs do what a verb says; of one `clip` its `name`, for people, `problem` of its media, `to` where. Tells how many changed. */
export async function act(verb, ids, { clip = "", name = "", problem = "", to = [] } = {}) {
  const what = name || count(ids.length, "job");
  const where = to.length ? ` to ${to.join(" and ")}` : "";
  if (verb === "retry" && problem) {
    const text = `${what} may be damaged (${problem}). Retry sends it${where} as it is.`;
    if (!(await confirm(text, { yes: "Send it as it is", no: "Leave it", danger: true }))) return false;
  }
  if (verb === "cancel") {
    const left = (await aloneOn(clip, ids)) || "A part that was sent so far is thrown away; what was delivered stays.";
    const text = `${what} will not go${where || " where this job brings it"}. ${left} You can retry later.`;
    if (!(await confirm(text, { yes: ids.length > 1 ? `Cancel ${count(ids.length, "job")}` : "Cancel the job", no: "Keep", danger: true }))) return false;
  }
  const { changed } = await post(`/v1/jobs/${verb}`, { ids });
  const undo = verb === "hold" && changed.length ? () => post("/v1/jobs/release", { ids: changed }) : null;
  const told = name && changed.length === 1 ? name : changed.length ? count(changed.length, "job") : "Nothing";
  toast(`${told} ${DONE[verb]}`, { undo });
  return true;
}

/** What a person must know before the last job of a clip is given up: who formats its card loses it. "" where another has it or goes on. */
async function aloneOn(clip, ids) {
  if (!clip) return "";
  const { clip: known, jobs } = await get(`/v1/clips/${encodeURIComponent(clip)}`);
  const delivered = jobs.some((job) => job.steps.some((step) => step.verb === "deliver" && step.state === "done"));
  const goingOn = jobs.some((job) => !ids.includes(job.id) && ["ready", "running", "waiting"].includes(job.state));
  return delivered || goingOn ? "" : `No other place has it: it is on card ${known.card} alone.`;
}

/** Moves begin when the one before is shown: two presses of a key are two places. */
let moved = Promise.resolve();

export function inTurn(move) {
  moved = moved.catch(() => {}).then(() => new Promise((drawn) => setTimeout(drawn))).then(move);
  return moved;
}

/** The verbs of a list: each loads it again. */
export function verbs({ list, known, selection }) {
  return {
    async act(verb, ids, options) {
      if (!(await act(verb, ids, options))) return;
      await list.reload();
      if (verb === "top") document.querySelector(`[data-job="${CSS.escape(ids[0])}"]`)?.scrollIntoView({ block: "center" });
    },
    /** One place up or down, with all that is selected when it is one of them. */
    step(id, by) {
      const ids = selection.ids.has(id) ? selection.inOrder() : [id];
      const places = ids.map((each) => known.findIndex((job) => job.id === each)).sort((a, b) => a - b);
      const at = by < 0 ? places[0] - 1 : places.at(-1) + 2;
      if (at < 0 || at > known.length) return Promise.resolve();
      return moveTo(list, known, ids, known[at]?.id ?? null);
    },
  };
}

/** Before that job; null is the end of what is shown. */
export async function moveTo(list, known, ids, before) {
  const others = known.filter((job) => !ids.includes(job.id));
  if (!others.length || ids.includes(before)) return;
  if (before === null) {
    // There is only "before": first they, then the one that they go behind.
    const last = others.at(-1).id;
    await post("/v1/jobs/move", { ids, before: last });
    await post("/v1/jobs/move", { ids: [last], before: ids[0] });
  } else {
    await post("/v1/jobs/move", { ids, before });
  }
  await list.reload();
}
