// Which maps are shown: a group, a year, a step within it, and perhaps another group beside it.

import { isNone } from "./format.js";

function spanOf(parts) {
  const known = parts.filter((one) => Number.isFinite(one.low) && Number.isFinite(one.high));
  if (!known.length) return { low: 0, high: 1 };
  const low = Math.min(...known.map((one) => one.low)), high = Math.max(...known.map((one) => one.high));
  return high > low ? { low, high } : { low: low - 0.5, high: low + 0.5 };
}

/** What is chosen among the groups of a job's maps. */
export class Selection {
  constructor(groups) {
    this.groups = groups;
    this.group = groups.find((one) => one.variant === "topo") ?? groups.find((one) => one.kind === "monthly") ?? groups[0];
    this.other = null;
    this.year = null;
    this.at = 0;
    this.settle();
  }

  find(id) { return this.groups.find((one) => one.id === id); }

  /** The years of the group, of which one is chosen at a time; yearly maps are steps themselves. */
  get years() {
    if (this.group.kind === "annual") return [];
    return [...new Set(this.group.maps.map((map) => map.year).filter((year) => !isNone(year)))];
  }

  /** The maps that the slider goes through. */
  get steps() {
    const { years } = this;
    return years.length > 1 ? this.group.maps.filter((map) => map.year === this.year) : this.group.maps;
  }

  get map() { return this.steps[this.at]; }

  /** The other group's map of the same time, or the nearest there is. */
  get otherMap() {
    if (!this.other) return null;
    const { year, month, day } = this.map, maps = this.other.maps;
    const score = (map) => (map.year === year ? 1 : 0) + (map.month === month ? 2 : 0) + (map.day === day ? 4 : 0);
    return maps.reduce((best, map) => (score(map) > score(best) ? map : best), maps[0]);
  }

  /** The pair of groups that are one quantity in the traditional and in the topographic form. */
  get forms() {
    const wanted = this.group.variant ? this.group : this.groups.find((one) => one.variant && one.kind === this.group.kind)
      ?? this.groups.find((one) => one.variant);
    if (!wanted) return null;
    const pair = ["trad", "topo"].map((form) => this.find(wanted.id.replace(wanted.variant.replaceAll("-", "_"), form)));
    return pair.every(Boolean) ? pair : null;
  }

  choose(changes) {
    const before = this.map;
    Object.assign(this, changes);
    if (changes.group || changes.year !== undefined) this.keep(before);
    this.settle();
  }

  // of another group or year, the same month as before
  keep(before) {
    this.settle();
    const same = this.steps.findIndex((map) => map.month === before.month && map.day === before.day && (this.group.kind !== "annual" || map.year === before.year));
    if (same >= 0) this.at = same;
  }

  settle() {
    const { years } = this;
    if (years.length && !years.includes(this.year)) [this.year] = years;
    this.at = Math.max(0, Math.min(this.at, this.steps.length - 1));
  }

  /** The range of the colours, which nearly all values lie in; groups that are shown in one unit have one. */
  range(group) {
    return spanOf(this.scaled(group));
  }

  /** From the least to the greatest value of all times. */
  fullRange(group) {
    return spanOf(this.scaled(group).flatMap((one) => one.maps));
  }

  scaled(group) {
    return this.other && this.other.unit === this.group.unit ? [this.group, this.other] : [group];
  }

  /** What stands in the page's address. */
  toQuery() {
    return { map: this.map.path, beside: this.other?.id };
  }

  fromQuery(query) {
    const path = query.get("map"), beside = this.find(query.get("beside"));
    const group = this.groups.find((one) => one.maps.some((map) => map.path === path));
    if (group) {
      this.group = group;
      this.year = group.maps.find((map) => map.path === path).year;
      this.settle();
      this.at = Math.max(0, this.steps.findIndex((map) => map.path === path));
    }
    if (beside) this.other = beside;
  }
}
