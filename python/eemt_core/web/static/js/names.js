// Names of maps and their times, short enough for lists and captions.

import { el } from "./dom.js";
import { dayOfYear, month } from "./format.js";

/** Return a group's name without what the page says beside it. */
export function groupName({ label, kind, variant }) {
  const name = label.replace(/^Effective energy and mass transfer, /, "");
  return kind === "single" && !variant ? name.split(/: |, /)[0] : name;
}

/** Return what a group's maps show, without the times that they are of. */
export const quantity = (group) => groupName(group).replace(/: each (month|year)$/, "");

/** Return a map's title: its quantity and its time. */
export function mapTitle(group, map) {
  const when = timeName(map, true);
  return when === map.label && when === group.label ? groupName(group) : `${quantity(group)}, ${when}`;
}

function topicOf({ kind, variant }) {
  if (variant) return "EEMT";
  return kind === "single" ? "Terrain" : "Sunlight";
}

/** Return the options of a list of groups, by topic. */
export function groupOptions(groups) {
  const topics = new Map(["EEMT", "Sunlight", "Terrain"].map((topic) => [topic, []]));
  for (const group of groups) topics.get(topicOf(group)).push(el("option", { value: group.id }, groupName(group)));
  return [...topics].filter(([, options]) => options.length).map(([topic, options]) => el("optgroup", { label: topic }, options));
}

/** Return a map's time in words, its label where it has none; the year only if there are several. */
export function timeName(map, hasYears, length = "long") {
  const when = [];
  if (map.day) when.push(dayOfYear(map.day));
  else if (map.month) when.push(month(map.month, length));
  if (map.year && (hasYears || !when.length)) when.push(String(map.year).replace("-", "–"));
  return when.join(" ") || map.label;
}
