/** What a clip looks and sounds like: its picture, and a player where a browser can play it. */

import { html, useState } from "../../lib/html.js";

const path = (clip, what) => `/v1/clips/${encodeURIComponent(clip)}/${what}`;

export function pictureOf(clip, width) {
  return `${path(clip, "picture")}?width=${width}`;
}

/** A player; what cannot be played is not shown at all, a picture may stand for it. */
export function Player({ clip, kind, name }) {
  const [failed, setFailed] = useState("");
  const props = { src: path(clip, "media"), controls: true, preload: "metadata", "aria-label": `${name}, as it was recorded or its proxy` };
  if (kind === "audio") {
    return failed ? null : html`<div class="card clip-player"><audio ...${props} onError=${() => setFailed("media")}></audio></div>`;
  }
  if (kind !== "video" && kind !== "image") return null;
  const still = html`<img src=${pictureOf(clip, 960)} alt=${`A picture of ${name}`} onError=${() => setFailed("all")} />`;
  if (failed === "all") return null;
  return html`<div class="card clip-player">${kind === "video" && !failed
    ? html`<video ...${props} playsinline poster=${pictureOf(clip, 960)} onError=${() => setFailed("media")}></video>`
    : still}</div>`;
}
