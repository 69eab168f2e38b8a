/** Line drawings of 24 x 24, in the colour of the text beside them. */

import { html } from "../html.js";

const PATHS = {
  overview: "M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z",
  queue: "M4 6h16M4 12h16M4 18h10",
  clips: "M4 5h16v14H4zM8 5v14M16 5v14M4 9.5h4M4 14.5h4M16 9.5h4M16 14.5h4",
  attention: "M12 4 3 20h18zM12 10v5M12 17.6v.2",
  connection: "M7 18a4 4 0 0 1-.6-7.95A6 6 0 0 1 18 9.5a4.3 4.3 0 0 1-.5 8.5zM12 17v-6M9.5 13.2 12 10.7l2.5 2.5",
  check: "m5 12.5 4.5 4.5L19 7.5",
  cross: "M6 6l12 12M18 6 6 18",
  pause: "M9 6v12M15 6v12",
  play: "M8 5.5v13l10.5-6.5z",
  wait: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7.5V12l3 2",
  work: "M12 3.5v4M12 16.5v4M3.5 12h4M16.5 12h4M6 6l2.8 2.8M15.2 15.2 18 18M6 18l2.8-2.8M15.2 8.8 18 6",
  up: "M12 19V6M6.5 11 12 5.5 17.5 11",
  top: "M12 20V9M6.5 14 12 8.5l5.5 5.5M5 4.5h14",
  down: "M12 5v13M6.5 13l5.5 5.5L17.5 13",
  left: "M15 5.5 8.5 12l6.5 6.5",
  right: "M9 5.5 15.5 12 9 18.5",
  retry: "M20 12a8 8 0 1 1-2.4-5.7M20 4v4.5h-4.5",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.5 4.5",
  menu: "M5 7h14M5 12h14M5 17h14",
  grip: "M9 6v.1M15 6v.1M9 12v.1M15 12v.1M9 18v.1M15 18v.1",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1",
  unlink: "M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1M4 4l16 16",
  person: "M12 11.5a3.7 3.7 0 1 0 0-7.5 3.7 3.7 0 0 0 0 7.5zM5 20a7 7 0 0 1 14 0",
  out: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
  network: "M5 10.5a10 10 0 0 1 14 0M8 13.7a5.7 5.7 0 0 1 8 0M12 17.6v.1",
  wired: "M9 4h6v5H9zM12 9v5M5 14h14M5 14v3M19 14v3M3 17h4v3H3zM17 17h4v3h-4z",
  offline: "M4 4l16 16M5 10.5a10 10 0 0 1 4-2.4M13.5 7.6A10 10 0 0 1 19 10.5M8 13.7a5.7 5.7 0 0 1 4-1.7M12 17.6v.1",
  device: "M6 7h12v11H6zM9 7V4M12 4h3v3M9.5 11h5M9.5 14h5",
  battery: "M3 8h15v8H3zM21 11v2",
  camera: "M3 7h12v10H3zM15 11l6-3.5v9L15 13",
  lens: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8z",
  slate: "M4 10h16v9.5H4zM4 10 3.2 6.6 18.7 3l.8 3.4zM8 5.5l2.5 3M13 4.3l2.5 3",
  sound: "M12 4a2.5 2.5 0 0 0-2.5 2.5v5a2.5 2.5 0 0 0 5 0v-5A2.5 2.5 0 0 0 12 4zM6.5 11a5.5 5.5 0 0 0 11 0M12 16.5V20M9 20h6",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-2.5 4 3.5M15.5 9.2v.1",
  file: "M6 3.5h8l4 4V20.5H6zM14 3.5v4h4",
  star: "m12 4 2.4 5.2 5.6.7-4.1 3.9 1 5.7-4.9-2.8-4.9 2.8 1-5.7L4 9.9l5.6-.7z",
  disk: "M4 5h16v14H4zM4 14h16M16.5 16.6v.1",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5.2l3.5 1.8",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8v.1",
  plus: "M12 5v14M5 12h14",
  more: "M5 11.9v.2h.1v-.2zM11.95 11.9v.2h.1v-.2zM18.9 11.9v.2h.1v-.2z",
  open: "M13 5h6v6M19 5l-8 8M17 14v5H5V7h5",
  filter: "M4 6h16M7 12h10M10 18h4",
};

/** `name` is one of PATHS; it says nothing to a screen reader: the text beside it does. */
export function Icon({ name, size = 24 }) {
  return html`<svg class="icon" viewBox="0 0 24 24" width=${size} height=${size} aria-hidden="true" focusable="false">
    <path d=${PATHS[name] ?? PATHS.info} />
  </svg>`;
}
