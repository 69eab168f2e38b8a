/** Server-sent events read with fetch: every kind of event without naming it, silence noticed, 401 told from no answer. */

import { ask } from "./api.js";

/** Seconds without a byte after which nobody answers; the pipeline beats every 4. */
const SILENCE_S = 9;

/**
 * Reads events after `after` until the stream ends; `onOpen` when it begins, `onHeard` with every
 * byte, `onFrames` gets what came together: `[{kind, data, seq}]`. Returns the status of HTTP when it was refused, 200 when it ended by itself; throws when
 * nobody answers or all is silent.
 */
export async function readEvents(path, { onOpen, onHeard, onFrames, signal }) {
  const response = await within(ask(path, { signal, headers: { Accept: "text/event-stream" } }));
  if (!response.ok) return response.status;
  onOpen();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await within(reader.read());
      if (done) return 200;
      onHeard();
      const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
      rest = blocks.pop();
      const frames = blocks.map(frame).filter(Boolean);
      if (frames.length) onFrames(frames);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function frame(block) {
  const found = { kind: "message", data: "", seq: 0 };
  for (const line of block.split("\n")) {
    const at = line.indexOf(":");
    if (at <= 0) continue;
    const value = line.slice(at + 1).replace(/^ /, "");
    if (line.startsWith("event:")) found.kind = value;
    else if (line.startsWith("data:")) found.data += value;
    else if (line.startsWith("id:")) found.seq = Number(value);
  }
  return found.data ? { ...found, data: JSON.parse(found.data) } : null;
}

/** What `promise` brings; throws when it takes longer. */
export function within(promise, seconds = SILENCE_S) {
  let timer;
  const silence = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("silence")), seconds * 1000);
  });
  return Promise.race([promise, silence]).finally(() => clearTimeout(timer));
}
