// Values of all times at one place: a small chart, and its numbers.

import { get, path } from "./api.js";
import { lineChart, numbersTable } from "./chart.js";
import { byId, el, fill } from "./dom.js";
import { degrees, isNone, number } from "./format.js";
import { quantity } from "./names.js";

/** The panel with the values at a place. */
export class Place {
  constructor(job, onChoose) {
    this.job = job;
    this.at = null;
    this.asked = null;
    byId("place").addEventListener("submit", (event) => {
      event.preventDefault();
      const lat = byId("lat"), lon = byId("lon");
      for (const input of [lat, lon]) input.setAttribute("aria-invalid", String(!input.validity.valid));
      if (event.target.checkValidity()) onChoose({ lat: Number(lat.value), lng: Number(lon.value) });
      else fill(byId("place-said"), el("p", { class: "problem" }, "A latitude lies between -90 and 90°, a longitude between -180 and 180°."));
    });
  }

  choose(at) {
    this.at = at;
    byId("lat").value = at.lat.toFixed(5);
    byId("lon").value = at.lng.toFixed(5);
  }

  /** Show the values of a selection's groups at the place. */
  async show(selection, nameOf) {
    if (!this.at) return;
    this.asked?.abort();
    const asked = new AbortController();
    this.asked = asked;
    const groups = [selection.group, selection.other].filter(Boolean);
    try {
      const found = await Promise.all(groups.map((group) => get(path("/api/jobs", this.job, "values"), { group: group.id, lon: this.at.lng, lat: this.at.lat, year: yearOf(group, selection) }, asked.signal)));
      this.draw(found, groups, selection, nameOf);
    } catch (error) {
      if (error.name === "AbortError") return;
      fill(byId("place-said"), el("p", { class: "problem" }, error.message));
      fill(byId("place-chart"));
    }
  }

  draw(found, groups, selection, nameOf) {
    const where = `${degrees(this.at.lat)}, ${degrees(this.at.lng)}`;
    const paths = new Set(selection.steps.map((map) => map.path));
    const now = found[0].values.find((one) => one.path === selection.map.path);
    const there = !isNone(now?.value);
    fill(byId("place-said"), el("p", {}, there
      ? el("strong", {}, `${number(now.value)} ${found[0].unit}`) : el("strong", {}, "No value"), ` · ${nameOf(selection.map)} at ${where}`),
      !there && el("p", { class: "soft" }, "The place lies outside the map, or the elevation model has no data there."));
    const first = found[0].values.filter((one) => paths.has(one.path));
    const isNowhere = found.every((group) => group.values.every((one) => one.value === null));
    if (isNowhere || (first.length < 2 && found.length < 2)) { fill(byId("place-chart")); return; }
    const steps = first.map((one) => selection.steps.find((map) => map.path === one.path));
    const series = [{ name: quantity(groups[0]), values: first.map((one) => one.value) }];
    if (found[1] && groups[1].unit === groups[0].unit) series.push({ name: quantity(groups[1]), values: steps.map((map) => sameTime(found[1].values, groups[1], map)) });
    const what = { labels: steps.map((map) => nameOf(map, "short")), series, unit: found[0].unit, first: "Time", title: `${groups.map(quantity).join(" and ")} at ${where}` };
    fill(byId("place-chart"),
      series.some((one) => one.values.some((value) => value !== null)) && lineChart({ ...what, now: selection.at }),
      series.length > 1 && el("ul", { class: "legend" }, el("li", {}, line("a"), series[0].name), el("li", {}, line("b"), series[1].name)),
      el("details", { open: true }, el("summary", {}, "The numbers"), numbersTable({ ...what, labels: steps.map((map) => nameOf(map)) })));
  }
}

// of many years of months one is shown, and its maps alone need be read
function yearOf(group, selection) {
  const hasIt = selection.years.length > 1 && group.maps.some((map) => map.year === selection.year);
  return hasIt && group.kind !== "annual" ? selection.year : undefined;
}

function sameTime(values, group, wanted) {
  const map = group.maps.find((one) => one.month === wanted.month && one.day === wanted.day && one.year === wanted.year);
  return values.find((one) => one.path === map?.path)?.value ?? null;
}

function line(kind) {
  const swatch = el("span", { class: "swatch", "aria-hidden": "true" });
  swatch.style.background = kind === "a" ? "var(--accent)" : "var(--focus)";
  return swatch;
}
