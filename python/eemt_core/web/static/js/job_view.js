// One job as it goes: numbers, tiles, workers, throughput, trouble, and what can be done with it.

import { address, asSentence, get, path, post, remove } from "./api.js";
import { lineChart } from "./chart.js";
import { announce, byId, el, fill, say, sure, terms } from "./dom.js";
import { atMostEvery, follow } from "./follow.js";
import { brief, duration, isNone, moment, number, percent, timeOfDay, whole } from "./format.js";
import { bar, chip, ENDED, jobState, WORKFLOWS } from "./states.js";
import { TileMap } from "./tile_map.js";
import { showEvents, showTrouble } from "./trouble.js";
import { showWorkers } from "./workers.js";

const STATUS_EVERY_MS = 1500, CHART_EVERY_MS = 5000, LOG_LINES = 2000;
const IF_ANY = { if_any: true }; // a run that was cancelled at its beginning has no journal

/** The job that was chosen. `onGone` hears when it was deleted, `onChanged` when it changed. */
export class JobView {
  constructor({ onGone, onChanged }) {
    Object.assign(this, { onGone, onChanged });
    this.tiles = new TileMap();
    this.id = this.job = this.status = null;
    this.stop = () => {};
    this.questions = new AbortController();
    this.onlyReads = false;
    this.readStatusSoon = atMostEvery(STATUS_EVERY_MS, () => this.readStatus());
    this.drawChartSoon = atMostEvery(CHART_EVERY_MS, () => this.drawChart());
    this.readLogSoon = atMostEvery(CHART_EVERY_MS, () => this.readLog());
    this.readTilesSoon = atMostEvery(STATUS_EVERY_MS, () => this.readTiles());
    byId("log").addEventListener("toggle", () => this.readLog());
  }

  get api() { return path("/api/jobs", this.id); }

  /** Show a job and follow it. */
  async open(id, { focus = false } = {}) {
    this.close();
    this.id = id;
    this.tiles.clear();
    fill(byId("throughput"));
    byId("log").open = false;
    let job;
    try {
      job = await this.read("");
    } catch (error) {
      if (this.id === id) this.leave(error.message);
      return;
    }
    if (!job) return;
    this.job = job;
    byId("job-none").hidden = true;
    byId("job").hidden = false;
    this.draw();
    if (focus) byId("job-name").focus();
    this.stop = follow(`${this.api}/events`, {
      job: (job) => this.take(job),
      status: () => { this.readStatusSoon(); this.drawChartSoon(); this.readLogSoon(); },
      tiles: (states) => {
        if (!this.tiles.change(states)) this.readTilesSoon();
        this.drawNumbers();
      },
      gone: () => this.leave("It was deleted. Choose another job to see how it goes."),
    }, () => this.ask());
  }

  close() {
    this.stop();
    this.stop = () => {};
    this.questions.abort(); // of a job that may be deleted next
    this.questions = new AbortController();
    this.id = this.job = this.status = null;
  }

  leave(sentence) {
    this.close();
    byId("job").hidden = true;
    byId("job-none").hidden = false;
    byId("job-none").textContent = sentence;
  }

  /** Ask for all that the stream tells. */
  async ask() {
    this.take(await this.read(""));
    if (this.job?.started_at) await Promise.all([this.readStatus(), this.readTiles(), this.drawChartSoon()]);
  }

  /** Ask for something of this job; null if another was chosen meanwhile. */
  async read(what) {
    const { signal } = this.questions;
    if (!this.id) return null;
    try {
      const found = await get(this.api + what, {}, signal);
      return signal.aborted ? null : found;
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  async readTiles() {
    const tiles = await this.read(address("/tile-states", IF_ANY)).catch(() => null);
    if (!tiles) return;
    this.tiles.take(tiles);
    this.drawNumbers();
  }

  async readStatus() {
    const status = await this.read(address("/status", IF_ANY)).catch(() => null);
    if (!status) return;
    this.status = status;
    this.drawNumbers();
    this.drawStatus();
  }

  take(job) {
    if (!job || job.id !== this.id) return;
    const before = this.job.status;
    this.job = job;
    this.draw();
    if (before === job.status) return;
    announce(`${job.dem_filename}: ${jobState(job.status)}`);
    this.onChanged(job);
    if (!ENDED.includes(job.status)) return;
    this.readLog();
    if (this.status) this.drawChart();
  }

  drawStatus() {
    const isNothing = !this.status && ENDED.includes(this.job.status); // it ended before it began
    byId("now").hidden = byId("helpers").hidden = isNothing;
    showWorkers(this.status);
    showTrouble(this.status, (tile) => get(path(`${this.api}/tile-logs`, tile)));
    showEvents(this.status);
  }

  draw() {
    const { job } = this, isOver = ENDED.includes(job.status);
    byId("job-name").textContent = job.dem_filename;
    byId("job-when").textContent = [WORKFLOWS[job.workflow_type], `submitted ${moment(job.created_at)}`,
      isOver && job.completed_at && `ended ${moment(job.completed_at)}`,
      job.files_removed_at && `its maps were removed by cleanup ${moment(job.files_removed_at)}`].filter(Boolean).join(" · ");
    chip(byId("job-state"), job.status);
    bar(byId("job-bar"), job.status, job.progress);
    byId("job-bar").setAttribute("aria-valuenow", Math.round(job.progress));
    say(byId("job-message"), job.status === "failed" ? asSentence(job.error_message) : "");
    if (!this.status) this.drawStatus();
    this.drawNumbers();
    this.drawActions();
  }

  drawNumbers() {
    const { job, status } = this, work = status?.work, stage = status?.stage;
    const runs = job.status === "running", isMaps = runs && stage?.name === "maps" && stage.total;
    // tiles' states come sooner than the rest: one number stands for both, the map's
    const counts = this.tiles.isWhole ? { total: this.tiles.total, done: this.tiles.counts().done } : status?.tile_counts;
    fill(byId("job-numbers"), terms([
      ["Progress", percent(job.progress, job.progress < 10 ? 1 : 0)],
      ["Time left", runs ? (isNone(work?.left_s) ? "being learnt" : duration(work.left_s)) : null],
      ["Rate", work?.per_s ? [brief(work.per_s), el("small", {}, " cell-days/s")] : null],
      [ENDED.includes(job.status) ? "Time taken" : "Time so far", status ? duration(status.run.seconds) : null],
      ["Tiles done", counts?.total ? `${whole(counts.done)} of ${whole(counts.total)}` : null],
      ["Maps written", isMaps ? `${number(stage.done)} of ${number(stage.total)}` : null],
      ["Stage", runs && stage && !isMaps ? stage.name : null],
      ["Workers", status?.worker_counts.seen ? `${whole(status.worker_counts.connected)}, ${whole(status.worker_counts.cores)} cores` : null],
    ]));
  }

  async drawChart() {
    // a few tiles for each span of time, so that the chart shows a rate and not each tile's end
    const bins = Math.max(4, Math.min(60, Math.floor((this.status?.tile_counts.done ?? 0) / 4)));
    const points = await this.read(address("/throughput", { bins, ...IF_ANY })).catch(() => null);
    if (!points) return;
    if (points.filter((point) => point.per_s > 0).length < 2) {
      fill(byId("throughput"), el("p", { class: "soft" }, ENDED.includes(this.job.status)
        ? "It was over before a rate could be measured." : "A chart appears as soon as tiles are done."));
      return;
    }
    const mean = points.reduce((sum, point) => sum + point.per_s, 0) / points.length;
    fill(byId("throughput"), lineChart({
      labels: points.map((point, at) => (at % Math.ceil(points.length / 4) === 0 ? timeOfDay(point.at) : "")),
      series: [{ name: "rate", values: points.map((point) => point.per_s) }], unit: "cell-days/s", area: true, fromZero: true,
      title: `Throughput over time: ${brief(points.at(-1).per_s)} cell-days a second at last, ${brief(mean)} on average`,
    }), el("p", { class: "soft hint" }, "A cell-day is the sun of one day over one cell of the map."));
  }

  drawActions() {
    const { job } = this, isOver = ENDED.includes(job.status);
    const hasMaps = job.status === "completed" && !job.files_removed_at;
    const changes = this.onlyReads ? [] : this.changes(job, isOver);
    const wanted = [
      hasMaps && { label: "Look at the maps", kind: "primary", href: path("/results", job.id) },
      hasMaps && { label: "Download all", href: `${this.api}/results` },
      ...changes,
    ].filter(Boolean);
    const key = JSON.stringify(wanted.map(({ label }) => label)) + job.id;
    if (this.actionsKey === key) return; // the focus stays on a button that stays
    this.actionsKey = key;
    const box = byId("job-actions"), focused = box.contains(document.activeElement);
    fill(box, wanted.map(({ label, act, kind = "", href, pressed }) => (href
      ? el("a", { class: `button ${kind}`, href }, label)
      : el("button", { type: "button", class: `button ${kind}`, "aria-pressed": pressed, on: { click: act } }, label))));
    if (focused) box.firstElementChild?.focus();
  }

  changes(job, isOver) {
    return [
      !isOver && { label: "Cancel", act: () => this.cancel(), kind: "danger" },
      ["failed", "cancelled"].includes(job.status) && { label: "Resume", act: () => this.act(`${this.api}/resume`), kind: "primary" },
      { label: job.keep ? "Kept from cleanup" : "Keep from cleanup", act: () => this.keep(), pressed: String(job.keep) },
      isOver && { label: "Delete", act: () => this.delete(), kind: "danger" },
    ];
  }

  async act(url) {
    say(byId("job-problem"), "");
    try {
      await post(url);
      this.take(await this.read(""));
    } catch (error) {
      say(byId("job-problem"), error.message);
    }
  }

  async cancel() {
    if (await sure(`Cancel the run of ${this.job.dem_filename}? Finished tiles stay, so it can be resumed.`, "Cancel the run")) {
      await this.act(`${this.api}/cancel`);
    }
  }

  keep() {
    return this.act(address(`${this.api}/keep`, { keep: !this.job.keep }));
  }

  async delete() {
    const { id, dem_filename: name } = this.job;
    if (!await sure(`Delete the run of ${name} with all of its maps? It cannot be brought back.`, "Delete it")) return;
    this.close(); // nothing more is asked of what will not be there
    try {
      await remove(path("/api/jobs", id));
    } catch (error) {
      await this.open(id);
      say(byId("job-problem"), error.message);
      return;
    }
    this.leave("It is deleted. Choose another job to see how it goes.");
    announce(`${name} is deleted`);
    this.onGone(id);
  }

  async readLog() {
    if (!byId("log").open || !this.id) return;
    const text = await this.read(address("/logs", { tail: LOG_LINES })).catch((error) => error.message);
    if (text === null) return;
    const box = byId("log-text"), isAtEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 8;
    box.textContent = text || "The run has printed nothing yet.";
    if (isAtEnd) box.scrollTop = box.scrollHeight;
  }
}
