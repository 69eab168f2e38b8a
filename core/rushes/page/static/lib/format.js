/** Numbers for people. Nothing known is an en dash, never "NaN". */

const NOTHING = "–";
const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** `bytes(1_284_000_000)`: "1.28 GB", of 1000 as disks and uplinks count. */
export function bytes(n) {
  if (!isNumber(n)) return NOTHING;
  let at = 0;
  let value = n;
  while (Math.abs(value) >= 999.5 && at < UNITS.length - 1) {
    value /= 1000;
    at += 1;
  }
  return `${at === 0 ? Math.round(value) : significant(value)}\u00a0${UNITS[at]}`;
}

/** A rate of bytes a second, in the units of files, so that size and time can be checked by it: "6.30 MB/s". */
export function rate(bytesPerSecond) {
  return isNumber(bytesPerSecond) ? `${bytes(bytesPerSecond)}/s` : NOTHING;
}

/** Seconds of media: "1:02:07", "3:09". */
export function duration(seconds) {
  if (!isNumber(seconds)) return NOTHING;
  const whole = Math.round(Math.max(0, seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Seconds that something will take yet, as coarse as it is sure: "a few seconds", "40 s", "12 min", "3 h 20 min", "2 days". */
export function left(seconds) {
  if (!isNumber(seconds)) return NOTHING;
  if (seconds < 10) return "a few seconds";
  if (seconds < 55) return `${Math.ceil(seconds / 5) * 5}\u00a0s`;
  if (seconds < 3570) return `${Math.max(1, Math.round(seconds / 60))}\u00a0min`;
  if (seconds < 47 * 3600) {
    const minutes = Math.round(seconds / 600) * 10;
    const rest = minutes % 60;
    return `${Math.floor(minutes / 60)}\u00a0h${rest ? `\u00a0${rest}\u00a0min` : ""}`;
  }
  return count(Math.round(seconds / 86400), "day");
}

/** The time of day of an epoch second: "14:03", with seconds "14:03:27". */
export function clock(epoch, { seconds = false } = {}) {
  if (!isNumber(epoch)) return NOTHING;
  const at = new Date(epoch * 1000);
  return `${two(at.getHours())}:${two(at.getMinutes())}${seconds ? `:${two(at.getSeconds())}` : ""}`;
}

/** The day of an epoch second: "Today", "Yesterday", "Sun 22 Nov", with the year when it is another one. */
export function day(epoch) {
  if (!isNumber(epoch)) return NOTHING;
  const [at, now] = [new Date(epoch * 1000), new Date()];
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const year = at.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  return at.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", ...year });
}

/** A shooting day, "2026-11-22": "Sun 22 Nov 2026"; what is none as it is. */
export function date(text) {
  const at = new Date(`${text}T12:00`);
  if (Number.isNaN(at.getTime())) return text;
  return at.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric" }).replace(",", "");
}

/** How long ago an epoch second was: "just now", "3 min ago", "2 h ago", then the day. */
export function ago(epoch) {
  if (!isNumber(epoch)) return NOTHING;
  const seconds = Date.now() / 1000 - epoch;
  if (seconds < 45) return "just now";
  if (seconds < 3570) return `${Math.max(1, Math.round(seconds / 60))}\u00a0min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)}\u00a0h ago`;
  return day(epoch);
}

/** `count(3, "clip")`: "3 clips"; thousands apart: "12,480 clips". */
export function count(n, word, words = `${word}s`) {
  return `${number(n)}\u00a0${n === 1 ? word : words}`;
}

/** "12,480". By hand: the first number that a browser formats by a locale costs it 30 ms. */
export function number(n) {
  return isNumber(n) ? String(n).replace(/\B(?=(\d{3})+$)/g, ",") : NOTHING;
}

/** "62 %", never 100 % before it is all. */
export function percent(done, total) {
  if (!isNumber(done) || !isNumber(total) || total <= 0) return NOTHING;
  const share = (100 * done) / total;
  return `${done < total ? Math.min(99, Math.floor(share)) : 100}\u00a0%`;
}

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

function significant(value) {
  return value >= 100 ? String(Math.round(value)) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function two(n) {
  return String(n).padStart(2, "0");
}

function midnight(at) {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}
