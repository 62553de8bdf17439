// Line charts in SVG, with their numbers as a table beside them.

import { el, svg } from "./dom.js";
import { brief, isNone, number } from "./format.js";

const WIDTH = 380, HEIGHT = 220, LEFT = 44, RIGHT = 16, TOP = 28, BOTTOM = 26;
const KINDS = ["a", "b"];

/**
 * Draw series over common labels.
 *
 * @param {object} what `labels` along the axis, `series` [{name, values (null: none)}], `unit`,
 *   `title` for a screen reader, `area` fills below the first line, `now` marks one label.
 */
export function lineChart({ labels, series, unit, title, area = false, now = -1, fromZero = false }) {
  const all = series.flatMap((one) => one.values).filter((value) => value !== null);
  const ticks = niceTicks(fromZero ? Math.min(0, ...all) : Math.min(...all), Math.max(...all), 4);
  const [low, high] = [ticks[0], ticks.at(-1)];
  const x = (at) => LEFT + (labels.length < 2 ? 0.5 : at / (labels.length - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value) => TOP + (1 - (value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const root = svg("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title });
  for (const tick of ticks) {
    root.append(svg("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick) }),
      svg("text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, brief(tick)));
  }
  const every = labels.includes("") ? 1 : Math.max(1, Math.ceil(labels.length / 12));
  labels.forEach((label, at) => {
    if (at % every !== 0 || !label) return;
    const isLate = x(at) + 3.5 * label.length > WIDTH; // its second half would lie outside
    root.append(svg("text", { x: isLate ? WIDTH : x(at), y: HEIGHT - 6, "text-anchor": isLate ? "end" : "middle" }, label));
  });
  if (now >= 0) root.append(svg("line", { class: "now", x1: x(now), x2: x(now), y1: TOP, y2: HEIGHT - BOTTOM }));
  series.forEach((one, nth) => {
    const kind = KINDS[nth % KINDS.length];
    for (const run of runs(one.values)) {
      const points = run.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`);
      if (area && nth === 0) root.append(svg("path", { class: "area", d: `M${x(run[0][0])},${y(low)}L${points.join("L")}L${x(run.at(-1)[0])},${y(low)}Z` }));
      root.append(svg("path", { class: `line ${kind}`, d: `M${points.join("L")}` }));
      if (labels.length <= 31 && !area) {
        for (const [at, value] of run) {
          root.append(svg("circle", { class: `dot ${kind}`, cx: x(at), cy: y(value), r: 3.5 },
            svg("title", {}, `${labels[at]}: ${number(value)} ${unit}`)));
        }
      }
    }
  });
  root.append(svg("text", { x: 0, y: 13 }, unit));
  return root;
}

/** Return the numbers of a chart as a table. */
export function numbersTable({ labels, series, unit, title, first = "" }) {
  return el("div", { class: "table-box", tabindex: 0, role: "region", "aria-label": title }, el("table", {},
    el("caption", {}, `In ${unit}`),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, first),
      series.map((one) => el("th", { scope: "col", class: "number" }, one.name)))),
    el("tbody", {}, labels.map((label, at) => el("tr", {}, el("th", { scope: "row" }, label),
      series.map((one) => el("td", { class: "number" }, number(one.values[at]))))))));
}

/** Return round numbers from below `low` to above `high`. */
export function niceTicks(low, high, count) {
  if (!(Number.isFinite(low) && Number.isFinite(high))) return [0, 1];
  if (high - low < 1e-9 * Math.max(1, Math.abs(high))) {
    const half = Math.abs(high) * 0.1 || 1;
    [low, high] = [low - half, high + half];
  }
  const rough = (high - low) / count, size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((one) => one * size >= rough) * size;
  const ticks = [];
  for (let at = Math.floor(low / step + 1e-9); ; at += 1) {
    ticks.push(Number((at * step).toPrecision(12)));
    if (at * step >= high - step * 1e-9) return ticks;
  }
}

// pieces of a line between missing values, as [index, value]
function runs(values) {
  const pieces = [[]];
  values.forEach((value, at) => {
    if (isNone(value)) pieces.push([]);
    else pieces.at(-1).push([at, value]);
  });
  return pieces.filter((piece) => piece.length);
}
