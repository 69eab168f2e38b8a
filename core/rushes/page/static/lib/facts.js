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

/** Bytes a second that go to a sink now, as the pipeline counts them everywhere. */
export function rateTo(status, sink) {
  return status.counts.sinks.find((each) => each.sink === sink)?.rate ?? 0;
}

/** A reason for the page: what to type in a terminal is left out, buttons do that here. */
export function plain(reason) {
  const told = (reason ?? "").replace(/[;,] (run|go on with|see|for another run): pipeline .*$/, "").trim();
  return told === "paused by a person" ? "paused by you" : told;
}

/** First letter large: reasons begin small, sentences do not. */
export function sentence(text) {
  return text ? text[0].toUpperCase() + text.slice(1) : "";
}

/** How many things need a person: a note may stand for several, and what goes on by itself needs nobody. */
export function needing(status) {
  return status.attention.reduce((sum, each) => sum + (each.by_itself ? 0 : each.things), 0);
}

/** Whether a person lets this sink rest. */
export function isPaused(status, sink) {
  return status.switches.paused.includes(sink);
}

/** Each sink to which nothing goes now, and why, as one sentence: `[{sink, why}]`. */
export function standing(status) {
  return sinks(status).flatMap((each) => {
    const why = whyStanding(status, each);
    return why ? [{ sink: each.id, why: `${serviceName(each)} ${why}` }] : [];
  });
}

function whyStanding(status, { id, state, facts }) {
  if (isPaused(status, id)) return "is paused by you";
  if (facts.silent_since) return "does not answer";
  if (facts.connection) return "is not connected";
  if (state === "unavailable") return "is not available";
  return facts.connected === false && state === "open" ? "cannot be reached" : "";
}

/** What people call each component, by its id. */
export function namesOf(status) {
  return new Map(status.components.map((each) => [each.id, each.kind === "sink" ? serviceName(each) : each.id]));
}

/** "raid has it", "Frame.io and raid have it". */
export function haveIt(names) {
  return `${names.join(" and ")} ${names.length > 1 ? "have" : "has"} it`;
}

/** What is done to a clip now, in words: "Sending to Frame.io", "Making the proxy". */
export function doingOf(status, { component, verb }) {
  const one = status.components.find((each) => each.id === component);
  if (verb === "deliver") {
    const name = one ? serviceName(one) : component;
    return one?.facts.silent_since ? `No answer from ${name}` : `Sending to ${name}`;
  }
  const use = one?.use ?? component;
  return use === "proxy" ? "Making the proxy" : `In work: ${use.replaceAll("_", " ")}`;
}

/** The sinks to which a job goes yet, and those that have what it brings: `[[ID, ...], [ID, ...]]`. */
export function placesOf(job) {
  const has = (sink) => {
    const steps = job.steps.filter((step) => step.verb === "deliver" && step.component === sink);
    return steps.length > 0 && steps.every((step) => step.state === "done");
  };
  return [job.sinks.filter((sink) => !has(sink)), job.sinks.filter(has)];
}
