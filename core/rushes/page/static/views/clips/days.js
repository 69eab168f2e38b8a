/** The choice of a shooting day, of those that there are. */

import { get } from "../../lib/api.js";
import { date } from "../../lib/format.js";
import { html, useEffect, useState } from "../../lib/html.js";
import { useFresh } from "../../lib/live.js";
import { Select } from "../../lib/widgets.js";

/** Milliseconds after the first list: the days are not what somebody waits for. */
const LATER_MS = 300;

/** `ready`: the list of clips is there. A touch asks again, for a day may have begun since. */
export function DaySelect({ value, ready, onChange }) {
  const [begun, setBegun] = useState(false);
  useEffect(() => {
    if (!ready || begun) return undefined;
    const timer = setTimeout(() => setBegun(true), LATER_MS);
    return () => clearTimeout(timer);
  }, [ready, begun]);
  const { data, reload } = useFresh(
    async ({ signal }) => (begun ? get("/v1/reports", {}, { signal }) : null),
    [begun],
  );
  const days = data?.days ?? [];
  const there = value === "" || days.some((each) => each.day === value);
  const options = [
    { value: "", label: "Every day" },
    ...days.map((each) => ({ value: each.day, label: date(each.day), count: each.clips })),
    ...(there ? [] : [{ value, label: date(value) }]),
  ];
  return html`<span class="clip-days" onFocusIn=${reload}><${Select} label="Shooting day" value=${value} options=${options} onChange=${onChange} /></span>`;
}
