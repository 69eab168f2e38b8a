/** What the facts of a status document mean for people. */

/** The components in which a person can connect something: those that pair or log in. */
export function connectables(status) {
  return sinks(status).filter((each) => each.actions.includes("pair") || each.actions.includes("login"));
}

export function sinks(status) {
  return status.components.filter((each) => each.kind === "sink");
}

/** One of the three: "not authorised", "not connected", "connected"; "" while a component has not said anything. */
export function connectionOf(component) {
  const { connection, project } = component.facts;
  if (connection) return connection;
  return project ? "connected" : "";
}

/** What people call the service that a component leads to. */
export function serviceName({ id, use }) {
  const name = { frameio: "Frame.io" }[use];
  return name === undefined ? id : id === use ? name : `${name} (${id})`;
}

/** A reason for the page: what to type in a terminal is left out, buttons do that here. */
export function plain(reason) {
  return (reason ?? "").replace(/[;,] (run|go on with|see|for another run): pipeline .*$/, "").trim();
}

/** First letter large: reasons begin small, sentences do not. */
export function sentence(text) {
  return text ? text[0].toUpperCase() + text.slice(1) : "";
}

/** How many things need a person: a note may stand for several. */
export function needing(status) {
  return status.attention.reduce((sum, each) => sum + each.things, 0);
}

/** Whether a person lets this sink rest. */
export function isPaused(status, sink) {
  return status.switches.paused.includes(sink);
}
