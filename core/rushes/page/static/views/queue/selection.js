/** What a person chose, and what can be done with all of it. */

import { get } from "../../lib/api.js";
import { count, number } from "../../lib/format.js";
import { html, useCallback, useEffect, useRef, useState } from "../../lib/html.js";
import { Button } from "../../lib/widgets.js";
import { helps } from "./doing.js";

/** As many as one page of jobs may have. */
const PAGE = 5000;

/** Ids of jobs that are chosen; another filter (`key`) begins anew. Shift chooses all from the last one on. */
export function useSelection(known, key) {
  const [ids, setIds] = useState(() => new Set());
  const anchor = useRef(null);
  const newest = useRef(known);
  newest.current = known;
  useEffect(() => {
    setIds(new Set());
    anchor.current = null;
  }, [key]);

  const pick = useCallback((id, { shiftKey = false, only = false } = {}) => {
    setIds((before) => {
      const chosen = new Set(before);
      const [from, to] = [anchor.current, id].map((each) => newest.current.findIndex((job) => job.id === each));
      const on = only || !before.has(id);
      const range = shiftKey && from >= 0 ? newest.current.slice(Math.min(from, to), Math.max(from, to) + 1).map((job) => job.id) : [id];
      for (const each of range) on || shiftKey ? chosen.add(each) : chosen.delete(each);
      anchor.current = id;
      return chosen;
    });
  }, []);
  const clear = useCallback(() => setIds(new Set()), []);
  const all = known.length > 0 && known.every((job) => ids.has(job.id));
  return {
    ids, pick, clear, all,
    some: ids.size > 0 && !all,
    toggleAll: () => setIds(all ? new Set() : new Set(known.map((job) => job.id))),
    take: (every) => setIds(new Set(every)),
    /** As they stand; those that are not shown come last. */
    inOrder: () => {
      const shown = known.filter((job) => ids.has(job.id)).map((job) => job.id);
      return [...shown, ...[...ids].filter((id) => !shown.includes(id))];
    },
  };
}

const VERBS = [
  ["top", "top", "To the top"],
  ["retry", "retry", "Retry"],
  ["release", "play", "Release"],
  ["hold", "pause", "Hold"],
  ["cancel", "cross", "Cancel jobs"],
];

/** Over the foot of the page while something is chosen. */
export function Selected({ selection, known, tab, total, asked, doing }) {
  const { size } = selection.ids;
  if (size === 0) return null;
  const states = tab.states.length ? tab.states : null;
  const releasable = known.some((job) => job.releasable && selection.ids.has(job.id));
  const fitting = VERBS.filter(([verb]) => (states === null || states.some((state) => helps(verb, state))) && (verb !== "release" || releasable));
  const act = (verb) => async () => {
    await doing.current.act(verb, selection.inOrder());
    if (verb !== "top") selection.clear();
  };
  const everything = async () => selection.take(await every(asked));
  return html`<div class="chosen" role="region" aria-label="What is selected"><div class="chosen-inner row">
    <p class="number grow"><strong>${number(size)} selected</strong></p>
    ${total > size && selection.all && html`<${Button} kind="quiet" onClick=${everything}>Select all ${count(total, "job")}<//>`}
    ${fitting.map(([verb, icon, word]) => html`<${Button} key=${verb} icon=${icon} kind=${verb === "cancel" ? "danger" : ""} onClick=${act(verb)}>${word}<//>`)}
    <${Button} kind="quiet" icon="cross" label="Clear the selection" onClick=${selection.clear} />
  </div></div>`;
}

/** The ids of all jobs that a filter finds. */
async function every(asked) {
  const found = [];
  let after = null;
  do {
    const page = await get("/v1/jobs", { ...asked, limit: PAGE, after });
    found.push(...page.jobs.map((job) => job.id));
    after = page.after;
  } while (after !== null);
  return found;
}
