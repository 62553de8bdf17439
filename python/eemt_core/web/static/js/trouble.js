// What went wrong in a run, and what it said.

import { byId, el, fill } from "./dom.js";
import { timeOfDay, whole } from "./format.js";

/** Show tiles that were given up, attempts that failed, workers that were sent away; `logOf` reads a tile's log. */
export function showTrouble(status, logOf) {
  const lines = status ? [...tiles(status, logOf), ...attempts(status), ...refused(status)] : [];
  byId("trouble").hidden = lines.length === 0;
  fill(byId("failures"), lines);
}

let rows = new Map();

function tiles({ out, tiles: list }, logOf) {
  const before = rows; // a row that stays keeps its log open
  rows = new Map(list.filter((tile) => tile.state === "aside").map((tile) => {
    const key = JSON.stringify([out, tile]);
    return [key, before.get(key) ?? newRow(tile, logOf)];
  }));
  return [...rows.values()];
}

function newRow(tile, logOf) {
  return el("li", {},
    el("strong", {}, `Tile ${tile.name} was given up`), tile.host && ` on ${tile.host}`,
    el("p", {}, tile.message), tile.log && logRow(tile, logOf));
}

function logRow(tile, logOf) {
  const text = el("pre", { tabindex: 0, role: "region", "aria-label": `Log of ${tile.name}` });
  const row = el("details", {}, el("summary", {}, "Its log"), text);
  row.addEventListener("toggle", async () => {
    if (row.open && !text.textContent) text.textContent = await logOf(tile.name).catch((error) => error.message);
  });
  return row;
}

const ENDS = { failed: "failed", lost: "lost with a worker", damaged: "with a damaged result", no_memory: "out of memory" };

function attempts({ attempts: counts }) {
  const words = Object.entries(ENDS).filter(([name]) => counts[name]).map(([name, end]) => `${whole(counts[name])} ${end}`);
  return words.length ? [el("li", {}, `Of ${whole(counts.total)} attempts: ${words.join(", ")}${counts.retried ? `; tried again: ${whole(counts.retried)}` : ""}.`)] : [];
}

function refused({ refused: list }) {
  return list.map((one) => el("li", {}, `Workers from ${one.address} were sent away (${whole(one.times)} times): ${one.why}`));
}

/** Show the run's messages to its user, the latest first. */
export function showEvents(status) {
  const events = [...(status?.events ?? [])].reverse();
  fill(byId("events"), events.length
    ? events.map((event) => el("li", { class: event.kind }, el("time", { datetime: event.at_utc }, timeOfDay(event.at_utc)), el("span", {}, event.sentence)))
    : el("li", { class: "soft nothing" }, "No warnings."));
}
