/** Questions to the pipeline: documents in, documents out. Every failure is an ApiError with one line for people. */

export class ApiError extends Error {
  /**
   * @param {string} message one line, as the pipeline said it
   * @param {string} type NotFound, NotAuthorised, Unprocessable, ...; "Unreachable" when nobody answered
   * @param {number} status of HTTP; 0 when nobody answered
   * @param {string} excerpt lines of the pipeline file that it is about, or ""
   */
  constructor(message, type, status, excerpt = "") {
    super(message);
    this.name = "ApiError";
    this.type = type;
    this.status = status;
    this.excerpt = excerpt;
  }
}

const UNREACHABLE = "the pipeline does not answer; nothing was changed";
const signedOut = new Set();

/** Calls `handler` when an answer says that this browser has no session (any more). Returns how to stop that. */
export function onSignedOut(handler) {
  signedOut.add(handler);
  return () => signedOut.delete(handler);
}

/**
 * The document at `path` ("/v1/clips"). `params`: what is null, undefined or "" is left out; a list is joined by commas.
 * `signal` breaks it off: then a DOMException "AbortError" is thrown, which is no error for people.
 */
export async function get(path, params = {}, { signal } = {}) {
  return document_(await ask(address(path, params), { signal }));
}

/** Sends `body` as JSON and returns the answer's document. */
export async function post(path, body = {}, { signal } = {}) {
  return document_(await ask(path, { ...sending(body), signal }));
}

/**
 * Asks `component` to do `action` with `args` (texts by name) and returns its result. `onTell` gets what it tells on
 * the way (a pairing code). Breaking it off by `signal` cancels the action.
 */
export async function act(component, action, args = {}, { onTell = () => {}, signal } = {}) {
  const path = `/v1/components/${encodeURIComponent(component)}/${encodeURIComponent(action)}`;
  const response = await ask(path, { ...sending(args), signal });
  if (!response.ok) return document_(response);
  let result = null;
  for await (const line of lines(response)) {
    const said = JSON.parse(line);
    if (said.error !== undefined) throw refusal(said, said.status ?? 409);
    if (said.tell !== undefined) onTell(said.tell);
    if (said.result !== undefined) result = said.result;
  }
  if (result === null) throw new ApiError(UNREACHABLE, "Unreachable", 0);
  return result;
}

/** `path` with `params` as a query. */
export function address(path, params = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === null || value === undefined || value === "") continue;
    query.set(name, Array.isArray(value) ? value.join(",") : String(value));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/** The answer to a question that `before.js` asked, once; null after that, or where nobody answered. */
async function early(path) {
  const answer = globalThis.asked?.get(path) ?? null;
  globalThis.asked?.delete(path);
  return answer;
}

/** A response to a request; throws an ApiError when nobody answers. */
export async function ask(path, init = {}) {
  const { signal } = init;
  const answer = init.method ? null : await early(path);
  signal?.throwIfAborted();
  if (answer) return answer;
  try {
    return await fetch(path, { credentials: "same-origin", cache: "no-store", ...init });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(UNREACHABLE, "Unreachable", 0);
  }
}

/** The lines of a response as they come. */
export async function* lines(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await read(reader);
      if (done) break;
      const pieces = (rest + value).split("\n");
      rest = pieces.pop();
      for (const piece of pieces) if (piece) yield piece;
    }
    if (rest) yield rest;
  } finally {
    reader.cancel().catch(() => {});
  }
}

async function read(reader) {
  try {
    return await reader.read();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(UNREACHABLE, "Unreachable", 0);
  }
}

function sending(body) {
  return {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
}

async function document_(response) {
  const text = await response.text().catch((error) => {
    if (error.name === "AbortError") throw error;
    return "";
  });
  let said = null;
  try {
    said = JSON.parse(text);
  } catch {
    said = null;
  }
  if (response.ok && said !== null) return said;
  if (response.status === 401) await askWhetherSignedOut();
  throw refusal(said ?? {}, response.status);
}

function refusal(said, status) {
  const text = said.error ?? `the pipeline answered with status ${status}`;
  return new ApiError(text, said.type ?? "Unknown", status, said.excerpt ?? "");
}

/** A component that is not authorised answers 401 too, so only the door itself is believed. */
async function askWhetherSignedOut() {
  const response = await ask("/v1/status").catch(() => null);
  if (response?.status === 401) for (const handler of signedOut) handler();
}
