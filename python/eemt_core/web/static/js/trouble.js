// What went wrong in a run, and what it said.

import { byId, el, fill } from "./dom.js";
import { timeOfDay, whole } from "./format.js";

/** Show tiles that were given up, attempts that failed, workers that were sent away. */
export function showTrouble(status) {
  const lines = status ? [...tiles(status), ...attempts(status), ...refused(status)] : [];
  byId("trouble").hidden = lines.length === 0;
  fill(byId("failures"), lines);
}

function tiles({ tiles: list }) {
  return list.filter((tile) => tile.state === "aside").map((tile) => el("li", {},
    el("strong", {}, `Tile ${tile.name} was given up`), tile.host && ` on ${tile.host}`,
    el("p", {}, tile.message), tile.log && el("p", { class: "soft" }, "Log: ", el("code", {}, tile.log))));
}

const ENDS = { failed: "failed", lost: "were lost with their worker", damaged: "gave a damaged result", no_memory: "ran out of memory" };

function attempts({ attempts: counts }) {
  const words = Object.entries(ENDS).filter(([name]) => counts[name]).map(([name, end]) => `${whole(counts[name])} ${end}`);
  return words.length ? [el("li", {}, `Of ${whole(counts.total)} attempts ${words.join(", ")}; ${whole(counts.retried)} were tried again.`)] : [];
}

function refused({ refused: list }) {
  return list.map((one) => el("li", {}, `Workers from ${one.address} were sent away (${whole(one.times)} times): ${one.why}`));
}

/** Show the run's messages to its user, the latest first. */
export function showEvents(status) {
  const events = [...(status?.events ?? [])].reverse();
  fill(byId("events"), events.length
    ? events.map((event) => el("li", { class: event.kind }, el("time", { datetime: event.at_utc }, timeOfDay(event.at_utc)), el("span", {}, event.sentence)))
    : el("li", { class: "soft nothing" }, "Nothing yet that needs your attention."));
}
