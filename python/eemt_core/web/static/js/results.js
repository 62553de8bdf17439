// The page that shows the maps of a run.

import { address, get, path } from "./api.js";
import { announce, byId, el, fill, say, settled } from "./dom.js";
import { moment } from "./format.js";
import { fit, together } from "./map.js";
import { MapPane } from "./map_pane.js";
import { groupName, groupOptions, mapTitle, quantity, timeName } from "./names.js";
import { Place } from "./place.js";
import { drawScale, typedRange } from "./scale.js";
import { Selection } from "./selection.js";
import { showSession } from "./shell.js";
import { WORKFLOWS } from "./states.js";
import { showCite, showDownloads, showQgis, showRecord } from "./take_away.js";

const PLAY_MS = 900;
const id = location.pathname.split("/")[2] ?? "";

let selection, colours, first, second = null, apart = null, place, chosenRange = null, chosenColors = null, playing = 0, folder = "";

const hasYears = () => selection.years.length > 1;
const nameOf = (map, length) => timeName(map, hasYears() && length !== "short", length);

const colorsOf = (group) => chosenColors ?? (group.unit === selection.group.unit ? selection.group : group).colors;
const rangeOf = (group) => (chosenRange && group.unit === selection.group.unit ? chosenRange : selection.range(group));

async function draw() {
  const { group, map, other, otherMap } = selection;
  const waits = [first.show(map, mapTitle(group, map), { colors: colorsOf(group), ...rangeOf(group) })];
  if (other) waits.push(second.show(otherMap, mapTitle(other, otherMap), { colors: colorsOf(other), ...rangeOf(other) }));
  drawControls();
  drawScales();
  showDownloads(id, selection, mapTitle);
  showQgis(id, selection, folder);
  history.replaceState(null, "", address(location.pathname, selection.toQuery()));
  showPlaceSoon();
  await Promise.all(waits);
}

const showPlaceSoon = settled(() => place.show(selection, nameOf), 150);

function drawControls() {
  const { group, other, years, steps, at } = selection;
  byId("group").value = group.id;
  byId("other").value = other?.id ?? "";
  byId("other-field").hidden = !other;
  byId("beside").setAttribute("aria-pressed", String(Boolean(other)));
  byId("forms").hidden = !selection.forms;
  byId("year-field").hidden = years.length < 2;
  fill(byId("year"), years.map((one) => el("option", { value: one }, one)));
  byId("year").value = selection.year;
  byId("timeline").hidden = steps.length < 2;
  const slider = byId("step");
  slider.max = steps.length - 1;
  slider.value = at;
  byId("step-name").textContent = nameOf(selection.map);
  slider.setAttribute("aria-valuetext", nameOf(selection.map));
}

function drawScales() {
  const { group, other } = selection, shares = other && other.unit === group.unit;
  drawScale(byId("scale-a"), { name: shares ? `${quantity(group)} and ${quantity(other)}` : quantity(group), unit: group.unit, colours: colours[colorsOf(group)], ...rangeOf(group), full: selection.fullRange(group) });
  byId("scale-b").hidden = !other || shares;
  if (other && !shares) drawScale(byId("scale-b"), { name: quantity(other), unit: other.unit, colours: colours[colorsOf(other)], ...rangeOf(other), full: selection.fullRange(other) });
  byId("colors").value = colorsOf(group);
  for (const unit of document.querySelectorAll(".range-unit")) unit.textContent = group.unit && `[${group.unit}]`;
  const { low, high } = rangeOf(group);
  for (const [name, value] of [["low", low], ["high", high]]) {
    if (document.activeElement !== byId(name)) byId(name).value = Number(value.toPrecision(5));
  }
}

function choose(changes) {
  const unit = selection.group.unit;
  selection.choose(changes);
  if (selection.group.unit !== unit) chosenRange = null;
  return draw();
}

function paneIn(place, bounds) {
  const opacity = Number(byId("opacity").value);
  return new MapPane(byId(`map-${place}`), byId(`caption-${place}`), { job: id, bounds, opacity, onPlace: choosePlace });
}

/** Show another group beside the first, or end it. */
function setOther(other) {
  const box = byId("maps");
  byId("figure-b").hidden = !other;
  box.classList.toggle("both", Boolean(other));
  apart?.();
  apart = null;
  if (other && !second) second = paneIn("b", first.bounds);
  selection.other = other;
  fit(first.map);
  if (other) {
    fit(second.map);
    apart = together(first.map, second.map);
    if (place.at) second.setMark(place.at);
  }
  return draw();
}

function choosePlace(at) {
  place.choose(at);
  first.setMark(at);
  if (selection.other) second.setMark(at);
  place.show(selection, nameOf);
}

function setPlaying(on) {
  clearTimeout(playing);
  playing = on ? setTimeout(next, PLAY_MS) : 0;
  const button = byId("play");
  button.setAttribute("aria-pressed", String(on));
  fill(button, el("span", { "aria-hidden": "true" }, on ? "❚❚" : "▶"), on ? " Stop" : " Play");
}

async function next() {
  const began = performance.now();
  await choose({ at: (selection.at + 1) % selection.steps.length });
  if (playing) playing = setTimeout(next, Math.max(0, PLAY_MS - (performance.now() - began)));
}

function setRange() {
  const range = typedRange(byId("low").value, byId("high").value, selection.fullRange(selection.group));
  say(byId("range-problem"), range.wrong ?? "");
  if (range.wrong) return;
  chosenRange = range;
  draw();
}

const setRangeSoon = settled(setRange, 400);

function listen() {
  byId("group").addEventListener("change", (event) => choose({ group: selection.find(event.target.value) }));
  byId("other").addEventListener("change", (event) => setOther(selection.find(event.target.value)));
  byId("year").addEventListener("change", (event) => choose({ year: event.target.value }));
  byId("step").addEventListener("input", (event) => { setPlaying(false); choose({ at: Number(event.target.value) }); });
  byId("play").addEventListener("click", () => setPlaying(!playing));
  byId("beside").addEventListener("click", () => setOther(selection.other ? null : selection.groups.find((one) => one !== selection.group && one.kind === selection.group.kind) ?? selection.group));
  byId("forms").addEventListener("click", () => {
    const [trad, topo] = selection.forms;
    selection.choose({ group: trad });
    setOther(topo);
    announce(`${groupName(trad)} beside ${groupName(topo)}`);
  });
  byId("colors").addEventListener("change", (event) => { chosenColors = event.target.value; draw(); });
  for (const name of ["low", "high"]) byId(name).addEventListener("input", setRangeSoon);
  byId("range-reset").addEventListener("click", () => { chosenRange = chosenColors = null; say(byId("range-problem"), ""); draw(); });
  byId("range-full").addEventListener("click", () => { chosenRange = selection.fullRange(selection.group); draw(); });
  byId("opacity").addEventListener("input", (event) => {
    for (const pane of [first, second]) pane?.setOpacity(Number(event.target.value));
  });
}

async function begin() {
  showSession();
  byId("back").href = address("/monitor", { job: id });
  try {
    const base = path("/api/jobs", id);
    const [job, maps, colors, parameters] = await Promise.all([get(base), get(`${base}/maps`), get("/api/colors"), get("/api/parameters").catch(() => [])]);
    byId("name").textContent = job.dem_filename;
    document.title = `${job.dem_filename} · eemt-core`;
    byId("about").textContent = [WORKFLOWS[job.workflow_type], job.completed_at && `ended ${moment(job.completed_at)}`].filter(Boolean).join(" · ");
    byId("all").href = `${base}/results`;
    byId("all").hidden = byId("results").hidden = false;
    colours = colors;
    folder = maps.folder ?? "";
    selection = new Selection(maps.groups.filter((group) => group.maps.length));
    for (const name of ["group", "other"]) fill(byId(name), groupOptions(selection.groups));
    fill(byId("colors"), Object.keys(colors).map((name) => el("option", { value: name }, name)));
    place = new Place(id, choosePlace);
    first = paneIn("a", maps.bounds);
    selection.fromQuery(new URLSearchParams(location.search));
    listen();
    showCite(maps.cite);
    showRecord(job, maps.record ?? {}, parameters);
    await setOther(selection.other);
  } catch (error) {
    say(byId("problem"), error.message);
  }
}

begin();
