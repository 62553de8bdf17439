// The colour scale of a map: colours, numbers, unit, and the range that the reader chose.

import { niceTicks } from "./chart.js";
import { el, fill } from "./dom.js";
import { number } from "./format.js";

/** Draw a colour scale into an element. */
export function drawScale(box, { name, unit, colours, low, high, full }) {
  const ramp = el("canvas", { class: "ramp", width: colours.length, height: 1, role: "img", "aria-label": `Colours from ${number(low)} to ${number(high)} ${unit}` });
  const pen = ramp.getContext("2d");
  colours.forEach((colour, at) => {
    pen.fillStyle = colour;
    pen.fillRect(at, 0, 1, 1);
  });
  const inside = niceTicks(low, high, 4).filter((tick) => tick > low + 0.12 * (high - low) && tick < high - 0.17 * (high - low));
  const ticks = [low, ...inside, high].map((value) => {
    const beyond = value === high && full.high > high ? "≥ " : value === low && full.low < low ? "≤ " : "";
    const tick = el("span", {}, beyond + number(value, 3));
    tick.style.left = `${(100 * (value - low)) / (high - low)}%`;
    return tick;
  });
  fill(box, el("p", { class: "ramp-name" }, unit ? `${name} [${unit}]` : name), ramp, el("div", { class: "ramp-ticks", "aria-hidden": "true" }, ticks));
}

/** Return a range as typed, or a sentence why it is none. */
export function typedRange(lowText, highText, natural) {
  const low = lowText === "" ? natural.low : Number(lowText), high = highText === "" ? natural.high : Number(highText);
  if (!Number.isFinite(low) || !Number.isFinite(high)) return { wrong: "A range needs two numbers." };
  if (high <= low) return { wrong: "The range must end above where it begins." };
  return { low, high };
}
