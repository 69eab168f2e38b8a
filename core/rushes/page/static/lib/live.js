/** What is true now: one stream of events for the whole page, the newest status, and documents kept fresh by them. */

import { ask, onSignedOut } from "./api.js";
import { namesOf } from "./facts.js";
import { refreshing } from "./fresh.js";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./html.js";
import { readEvents, within } from "./stream.js";

/** Milliseconds between attempts when nobody answers, the last one for ever. */
const AGAIN_MS = [250, 500, 1000, 2000, 3000];
/** A hidden tab lets its stream go after this long: browsers allow six a host, and nobody looks. */
const HIDDEN_MS = 60_000;
/** Seconds by which one of the clocks must have been set. */
const STEPPED_S = 2;

/**
 * phase: "connecting" at first; "open"; "lost" nobody answers; "stopped" the pipeline said that it stops;
 * "signed-out" the door wants a session; "resting" while nobody looks.
 * `since`: milliseconds of this browser; of an outage when the pipeline was heard last. `skew`: seconds that the pipeline's clock is ahead of it.
 */
let reach = { phase: "connecting", since: Date.now(), skew: 0 };
let status = null;
let seq = null;
let stopping = false;
let attempt = 0;
let heard = Date.now();
let stream = null;
let wakeUp = () => {};

const statusReaders = new Set();
const reachReaders = new Set();
const eventReaders = new Set();

/** The newest status document, null until the first. */
export function useStatus() {
  return useShared(statusReaders, () => status);
}

/** Whether there is a status yet: who needs no more is not drawn again with every one. */
export function useHasStatus() {
  return useShared(statusReaders, () => status !== null);
}

/** What people call each component, by its id: another map only when they are called otherwise. */
export function useNames() {
  const text = useShared(statusReaders, () => JSON.stringify(status ? [...namesOf(status)] : []));
  return useMemo(() => new Map(JSON.parse(text)), [text]);
}

/** How the pipeline can be reached: `{phase, since, skew}`. */
export function useReach() {
  return useShared(reachReaders, () => reach);
}

/** Whether events arrive now. */
export function useConnected() {
  return useReach().phase === "open";
}

/** Calls `handler(events)` with those that came together; `kinds`: "step.done", or "step" for all of steps. */
export function useEvents(handler, kinds = null) {
  const newest = useRef(handler);
  newest.current = handler;
  const wanted = kinds?.join(" ");
  useEffect(() => {
    const reader = (events) => {
      const mine = wanted === undefined ? events : events.filter((event) => isOf(event.kind, wanted.split(" ")));
      if (mine.length) newest.current(mine);
    };
    eventReaders.add(reader);
    return () => eventReaders.delete(reader);
  }, [wanted]);
}

/**
 * `{data, error, loading, reload}` of `load({signal, early})`: now, when `deps` change, when an event of `kinds` arrives and
 * when the pipeline is back. The first event loads at once, the next ones together; never two loads at a time.
 * `data` stays while it is loaded again. `early(data)`, null after the first load, shows what is there before the rest.
 */
export function useFresh(load, deps, { kinds = null } = {}) {
  const [shown, setShown] = useState({ data: null, error: null, loading: true });
  const newest = useRef(load);
  newest.current = load;
  const refresher = useRef(null);

  // Not after the next drawing: an answer that is there already is drawn with it.
  useLayoutEffect(() => {
    const mine = refreshing(
      (signal, early) => newest.current({ signal, early }),
      (changes) => setShown((before) => ({ ...before, ...changes })),
    );
    refresher.current = mine;
    mine.now();
    return mine.end;
  }, deps);

  useEvents(() => refresher.current?.now(), kinds ?? ["-"]);
  useBack(() => refresher.current?.now());
  const reload = useCallback(() => refresher.current?.now(), []);
  return { ...shown, reload };
}

/** Calls `handler` when the pipeline answers again: what was missed meanwhile is told by no event. */
export function useBack(handler) {
  const { phase } = useReach();
  const before = useRef(phase);
  useEffect(() => {
    if (phase === "open" && before.current !== "open" && before.current !== "connecting") handler();
    before.current = phase;
  }, [phase]);
}

/** Begins to listen; once, by the page's shell. Resolves when there is a status, or is known to be none. */
export function begin() {
  onSignedOut(() => become("signed-out"));
  let hiding = null;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(() => stream?.abort(), HIDDEN_MS);
    else wakeUp();
  });
  globalThis.addEventListener("online", () => wakeUp());
  listen();
  return new Promise((resolve) => {
    statusReaders.add(resolve);
    reachReaders.add(resolve);
  });
}

/** Tries at once: a person asked, or has just signed in. */
export function tryNow() {
  attempt = 0;
  wakeUp();
}

async function listen() {
  for (;;) {
    if (!(document.hidden && stream?.signal.aborted)) {
      stream = new AbortController();
      const { signal } = stream;
      await once(signal).catch(() => become(signal.aborted ? "resting" : ended()));
    }
    const wait = reach.phase === "signed-out" || document.hidden ? 3_600_000 : AGAIN_MS[Math.min(attempt, AGAIN_MS.length - 1)];
    attempt += 1;
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      wakeUp = () => (clearTimeout(timer), resolve());
    });
    wakeUp = () => {};
  }
}

/** One life of the stream: the status first, then every change of it. */
async function once(signal) {
  const first = await within(ask("/v1/status", { signal }));
  if (first.status === 401) return become("signed-out");
  if (!first.ok) return become("lost");
  const document_ = await first.json();
  // Another ledger counts its events anew.
  if (seq === null || (document_.seq ?? 0) < seq) seq = document_.seq ?? 0;
  stopping = false;
  take(document_);
  const refused = await readEvents(`/v1/events?after=${seq}&live=1`, {
    signal,
    onOpen: () => ((attempt = 0), become("open")),
    onHeard: () => (heard = Date.now()),
    onFrames: frames,
  });
  if (refused === 401) become("signed-out");
  else become(ended());
}

function ended() {
  return stopping ? "stopped" : "lost";
}

function frames(all) {
  // What is known is of another ledger: begin again, with its status.
  if (all.some((frame) => frame.kind === "reset")) throw new Error("reset");
  const live = all.filter((frame) => frame.kind === "live").pop();
  const events = all.filter((frame) => frame.kind !== "live").map((frame) => frame.data);
  for (const frame of all) if (frame.seq) seq = Math.max(seq, frame.seq);
  if (events.some((event) => event.kind === "pipeline.stopped")) stopping = true;
  if (live) take(live.data);
  if (events.length) for (const reader of [...eventReaders]) reader(events);
}

function take(document_) {
  status = document_;
  heard = Date.now();
  if (document_.draining) stopping = true;
  if (document_.now) reach = { ...reach, skew: skewed(document_.now - Date.now() / 1000) };
  for (const reader of [...statusReaders]) reader();
}

/** A document that was long on its way makes the pipeline's clock look slow: the quickest one is right. */
function skewed(seen) {
  return seen > reach.skew || reach.skew - seen > STEPPED_S || reach.skew === 0 ? seen : reach.skew;
}

function become(phase) {
  if (phase === reach.phase) return;
  reach = { ...reach, phase, since: phase === "open" ? Date.now() : heard };
  for (const reader of [...reachReaders]) reader();
}

function useShared(readers, read) {
  const [value, setValue] = useState(read);
  useEffect(() => {
    const reader = () => setValue(read);
    readers.add(reader);
    reader();
    return () => readers.delete(reader);
  }, []);
  return value;
}

function isOf(kind, wanted) {
  return wanted.some((each) => kind === each || kind.startsWith(`${each}.`));
}
