// Numbers, times and sizes in the reader's own way of writing them.

const LANGUAGES = undefined; // the browser's

/** Say whether there is no value. */
export const isNone = (value) => value === null || value === undefined;

/** Return a number with at most this many significant digits. */
export function number(value, digits = 4) {
  if (isNone(value) || !Number.isFinite(Number(value))) return "–";
  const options = Math.abs(value) >= 10 ** digits
    ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: digits };
  return new Intl.NumberFormat(LANGUAGES, options).format(value);
}

/** Return a whole number. */
export const whole = (value) => new Intl.NumberFormat(LANGUAGES, { maximumFractionDigits: 0 }).format(value);

/** Return a large number in few letters: 12.3M. */
export const brief = (value) => new Intl.NumberFormat(LANGUAGES,
  { notation: "compact", maximumSignificantDigits: 3 }).format(value);

/** Return how many there are of something: "1 tile", "3 tiles". */
export const count = (value, thing) => `${whole(value)} ${thing}${value === 1 ? "" : "s"}`;

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴" };

/** Return a unit as it is printed: J kg⁻¹, °C. */
export const printed = (unit) => unit.replace(/\bdegC\b/g, "°C").replace(/(?<=[A-Za-z])-?[0-4]\b/g, (power) => [...power].map((sign) => RAISED[sign]).join(""));

/** Return a share of 100. */
export const percent = (value, digits = 0) => new Intl.NumberFormat(LANGUAGES,
  { style: "percent", maximumFractionDigits: digits }).format(value / 100);

/** Return a number of degrees. */
export const degrees = (value) => `${new Intl.NumberFormat(LANGUAGES,
  { minimumFractionDigits: 5, maximumFractionDigits: 5 }).format(value)}°`;

function inUnit(value, unit, digits, display = "short") {
  return new Intl.NumberFormat(LANGUAGES, {
    style: "unit", unit, unitDisplay: display, maximumSignificantDigits: digits,
  }).format(value);
}

/** Bytes of what the service counts in MB. */
export const MIB = 2 ** 20;

/** Return a size on disk or in memory. */
export function bytes(value) {
  const names = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  let size = value, at = 0;
  while (size >= 999.5 && at < names.length - 1) { size /= 1000; at += 1; }
  return inUnit(size, names[at], 3);
}

const SPANS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** Return a span of time by its two largest units. */
export function duration(seconds) {
  if (isNone(seconds)) return "–";
  if (seconds < 1) return `< ${inUnit(1, "second", 1, "narrow")}`;
  let rest = Math.round(seconds);
  const words = [];
  for (const [unit, size] of SPANS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(inUnit(count, unit, 3, "narrow"));
    else if (words.length) break;
    if (words.length === 2) break;
  }
  return words.join(" ");
}

/** Return a moment: date and time. */
export function moment(text) {
  return text ? new Intl.DateTimeFormat(LANGUAGES, { dateStyle: "medium", timeStyle: "short" }).format(new Date(text)) : "–";
}

/** Return a time of day with seconds. */
export const timeOfDay = (text) => new Intl.DateTimeFormat(LANGUAGES, { timeStyle: "medium" }).format(new Date(text));

/** Return how long ago a moment was. */
export function ago(text) {
  const past = (new Date(text) - Date.now()) / 1000;
  const relative = new Intl.RelativeTimeFormat(LANGUAGES, { numeric: "auto" });
  const [unit, size] = SPANS.find(([, length]) => Math.abs(past) >= length) ?? ["second", 1];
  if (unit === "day" && Math.abs(past) > 14 * 86400) return moment(text);
  return relative.format(Math.round(past / size), unit);
}

/** Return the name of a month from 1 to 12. */
export function month(value, length = "long") {
  return new Intl.DateTimeFormat(LANGUAGES, { month: length, timeZone: "UTC" }).format(new Date(Date.UTC(2001, value - 1, 15)));
}

/** Return day 1 to 365 of the sun's year as a date without its year. */
export function dayOfYear(value) {
  return new Intl.DateTimeFormat(LANGUAGES, { month: "short", day: "numeric", timeZone: "UTC" })
    .format(new Date(Date.UTC(2001, 0, value)));
}
