/** Timecode that goes on between two words of a device. Integers and exact rates, drop frame included. */

/** Frames a second as `[numerator, denominator]` of "25", "23.976", "29.97DF", "30000/1001", 24; null for anything else. */
export function readRate(text) {
  const found = /^(\d+)(?:\/(\d+)|\.(\d+))?/.exec(String(text ?? ""));
  if (!found) return null;
  const [, whole, over, decimals] = found;
  if (over) return Number(over) > 0 ? [Number(whole), Number(over)] : null;
  // 23.98, 29.97 and their like are all n x 1000/1001.
  if (Number(decimals ?? 0) > 0) return [(Number(whole) + 1) * 1000, 1001];
  return Number(whole) > 0 ? [Number(whole), 1] : null;
}

/** `label` as it will be `seconds` later; null where it is no timecode. A ";" before the frames means drop frame. */
export function later(label, rate, seconds) {
  const from = counted(label, rate);
  return from && labelled(from.frames + Math.floor((seconds * rate[0]) / rate[1]), from);
}

/** Seconds from the label `from` to the label `to`, by the shorter way round midnight; null where one is no timecode. */
export function between(from, to, rate) {
  const [one, other] = [counted(from, rate), counted(to, rate)];
  if (!one || !other) return null;
  const day = perTen(one) * 144;
  const frames = (((other.frames - one.frames) % day) + day * 1.5) % day;
  return ((frames - day / 2) * rate[1]) / rate[0];
}

/** Pictures since midnight: of the labels that do not exist none was counted. */
function counted(label, rate) {
  const found = /^(\d\d):(\d\d):(\d\d)([:;.])(\d\d)$/.exec(label ?? "");
  if (!found || !rate) return null;
  const [, hh, mm, ss, mark, ff] = found;
  const nominal = Math.ceil(rate[0] / rate[1]);
  const dropped = mark === ":" ? 0 : Math.round(nominal / 15);
  const minutes = Number(hh) * 60 + Number(mm);
  const numbered = (minutes * 60 + Number(ss)) * nominal + Number(ff);
  return { frames: numbered - dropped * (minutes - Math.floor(minutes / 10)), nominal, dropped, mark };
}

function perTen({ nominal, dropped }) {
  return nominal * 600 - dropped * 9;
}

function labelled(pictures, counting) {
  const { nominal, dropped, mark } = counting;
  const perMinute = nominal * 60 - dropped;
  const tenMinutes = perTen(counting);
  const perDay = tenMinutes * 144;
  const inDay = ((pictures % perDay) + perDay) % perDay;
  const tens = Math.floor(inDay / tenMinutes);
  const rest = inDay % tenMinutes;
  const extra = rest < nominal * 60 ? 0 : 1 + Math.floor((rest - nominal * 60) / perMinute);
  const number = inDay + dropped * (tens * 9 + extra);
  const [frames, seconds] = [number % nominal, Math.floor(number / nominal)];
  const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60].map(two);
  return `${parts.join(":")}${mark}${two(frames)}`;
}

function two(n) {
  return String(n).padStart(2, "0");
}
