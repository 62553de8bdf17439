// The workers of a run, and the commands by which others join.

import { byId, copyRow, el, fill, shareBar } from "./dom.js";
import { ago, bytes, MIB, percent, whole } from "./format.js";

const COLUMNS = [["Worker"], ["Cores", "number"], ["Memory", "number"], ["Load"], ["Tiles done", "number"], ["Last word"]];

/** Show a run's workers; where it needs none, say so. */
export function showWorkers(status) {
  const workers = status?.workers ?? [];
  if (!workers.length) {
    fill(byId("workers"), el("p", { class: "soft" }, nobody(status)));
    return;
  }
  fill(byId("workers"), el("div", { class: "table-box", tabindex: 0, role: "region", "aria-labelledby": "h-workers" }, el("table", { class: "stacked" },
    el("thead", {}, el("tr", {}, COLUMNS.map(([name, kind]) => el("th", { scope: "col", class: kind }, name)))),
    el("tbody", {}, workers.map(row)))),
    el("p", { class: "soft" }, `Tiles are computed ${instructions(status)}.`));
}

function nobody(status) {
  if (!status) return "The run has not begun.";
  if (status.run.engine === "local") return `The service's own machine (${status.run.host}) computes all tiles, ${instructions(status)}.`;
  return status.worker_counts.seen ? "No worker is connected at the moment." : "No worker has come yet.";
}

function instructions(status) {
  return `on instruction set ${status.run.instruction_set}`;
}

function row(worker) {
  const share = worker.cores ? Math.min(100, (100 * worker.cores_busy) / worker.cores) : 0;
  const gone = Boolean(worker.left_utc);
  const cells = [
    whole(worker.cores), bytes(worker.memory_mb * MIB), gone ? "–" : loadOf(share, worker.running),
    whole(worker.done) + (worker.lost ? ` (${whole(worker.lost)} lost)` : ""), lastWord(worker, gone),
  ];
  return el("tr", {}, el("th", { scope: "row" }, worker.host || worker.worker),
    cells.map((cell, at) => el("td", { class: COLUMNS[at + 1][1], data: { label: COLUMNS[at + 1][0] } }, cell)));
}

function loadOf(share, running) {
  return el("span", {}, shareBar(share, "load"), `${percent(share)}, ${whole(running)} at work`);
}

function lastWord(worker, gone) {
  if (gone) return `left ${ago(worker.left_utc)}${worker.why_left ? `: ${worker.why_left}` : ""}`;
  return worker.last_utc > worker.joined_utc ? ago(worker.last_utc) : `joined ${ago(worker.joined_utc)}`;
}

/** Show the commands by which workers join, ready to copy. */
export function showCommands(commands) {
  byId("join").hidden = !commands.length;
  fill(byId("commands"), commands.flatMap(({ label, command }) => [el("p", { class: "copy-label" }, label), copyRow(command, "command")]));
}
