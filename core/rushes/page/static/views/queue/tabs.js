/** The ways to look at the queue; `name` is the state in the address. */

export const TABS = [
  { name: "", word: "Up next", states: ["running", "ready", "waiting"], tone: "accent", ordered: true, icon: "check", empty: "Nothing is in the queue", why: "New clips come here by themselves." },
  { name: "waiting", word: "Waiting", states: ["waiting"], tone: "warn", icon: "wait", empty: "Nothing waits" },
  { name: "parked", word: "Failed", states: ["parked"], tone: "bad", icon: "check", empty: "Nothing failed" },
  { name: "done", word: "Delivered", states: ["done"], tone: "good", over: true, icon: "queue", empty: "Nothing is delivered yet" },
  { name: "cancelled", word: "Cancelled", states: ["cancelled"], tone: "", over: true, seldom: true, icon: "queue", empty: "Nothing is cancelled" },
  { name: "withdrawn", word: "Withdrawn", states: ["withdrawn"], tone: "", over: true, seldom: true, icon: "queue", empty: "Nothing is withdrawn", why: "Jobs that a change of the rules took back, or a newer revision of their file." },
  { name: "all", word: "All", states: [], tone: "", over: true, icon: "queue", empty: "No job yet", why: "New clips come here by themselves." },
];

/** The tab of a state in an address: what runs, is ready or waits are one, in the order in which it will go. */
export function tabOf(state = "") {
  return TABS.find((each) => each.name === state) ?? TABS[0];
}
