// The list of jobs: the latest first, as many as are asked for, kept as they change.

import { get } from "./api.js";
import { byId, el, fill, settled } from "./dom.js";
import { ago, percent, whole } from "./format.js";
import { bar, chip, ENDED, WORKFLOWS } from "./states.js";

const PAGE = 50;

/** The list; `onChoose` hears of the job that was chosen. */
export class JobList {
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.jobs = new Map();
    this.rows = new Map();
    this.chosen = null;
    this.isMore = false;
    this.state = byId("filter-state");
    this.text = byId("filter-text");
    this.state.addEventListener("change", () => this.reload());
    this.text.addEventListener("input", settled(() => this.reload().catch(() => this.draw()), 250));
    byId("jobs-more").addEventListener("click", () => this.more());
    setInterval(() => this.redate(), 30_000);
  }

  /** What the service is asked for; the names are looked for in all of its jobs. */
  get wanted() { return { status: this.state.value, name: this.text.value.trim() }; }

  async reload() {
    const asked = JSON.stringify(this.wanted), count = Math.min(1000, Math.max(PAGE, this.rows.size));
    const found = await get("/api/jobs", { ...this.wanted, limit: count });
    if (JSON.stringify(this.wanted) !== asked) return; // the answer to what was typed before
    this.isMore = found.length === count;
    this.jobs = new Map(found.map((job) => [job.id, job]));
    this.draw();
  }

  async more() {
    const found = await get("/api/jobs", { ...this.wanted, limit: PAGE, offset: this.rows.size });
    this.isMore = found.length === PAGE;
    for (const job of found) this.jobs.set(job.id, job);
    this.draw();
    this.rows.get(found[0]?.id)?.querySelector("a").focus();
  }

  /** Take summaries that have changed; new ones come in by their time. */
  merge(changed) {
    for (const job of changed) {
      if (this.state.value && job.status !== this.state.value) this.jobs.delete(job.id);
      else this.jobs.set(job.id, job);
    }
    this.draw();
  }

  forget(id) {
    this.jobs.delete(id);
    this.draw();
  }

  choose(id) {
    this.chosen = id;
    for (const [other, row] of this.rows) mark(row, other === id);
  }

  draw() {
    const wanted = this.text.value.trim().toLowerCase();
    const shown = [...this.jobs.values()]
      .filter((job) => !wanted || job.dem_filename.toLowerCase().includes(wanted))
      .sort((a, b) => b.created_at.localeCompare(a.created_at));
    const rows = new Map(shown.map((job) => [job.id, this.row(job)]));
    const list = byId("jobs"), before = [...this.rows.keys()];
    this.rows = rows;
    // rows are kept, so that the keyboard's focus stays where it is
    if (before.join() !== [...rows.keys()].join()) {
      const focused = document.activeElement;
      fill(list, ...rows.values());
      if (list.contains(focused)) focused.focus({ preventScroll: true });
    }
    byId("jobs-count").textContent = shown.length ? whole(shown.length) + (this.isMore ? "+" : "") : "";
    byId("jobs-more").hidden = !this.isMore;
    const none = byId("jobs-none");
    none.hidden = shown.length > 0;
    none.textContent = this.jobs.size || this.state.value || wanted ? "No job is like this." : "There are no jobs yet: start one, or the demonstration, under New run.";
  }

  row(job) {
    const row = this.rows.get(job.id) ?? this.newRow(job);
    const [head, , track] = row.firstElementChild.children;
    chip(head.lastElementChild, job.status);
    this.date(row, job);
    track.hidden = ENDED.includes(job.status);
    bar(track, job.status, job.progress);
    return row;
  }

  newRow(job) {
    const link = el("a", { href: `/monitor?job=${job.id}` },
      el("div", { class: "row-between" }, el("span", { class: "name" }, job.dem_filename), el("span", { class: "chip" })),
      el("div", { class: "when" }), el("div", { class: "bar", "aria-hidden": "true" }, el("div")));
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.onChoose(job.id);
    });
    const row = el("li", {}, link);
    mark(row, job.id === this.chosen);
    return row;
  }

  date(row, job) {
    const share = job.status === "running" ? ` · ${percent(job.progress)}` : "";
    row.querySelector(".when").textContent = `${WORKFLOWS[job.workflow_type] ?? job.workflow_type} · ${ago(job.created_at)}${share}`;
  }

  redate() {
    for (const [id, row] of this.rows) if (this.jobs.has(id)) this.date(row, this.jobs.get(id));
  }
}

function mark(row, isChosen) {
  if (isChosen) row.firstElementChild.setAttribute("aria-current", "true");
  else row.firstElementChild.removeAttribute("aria-current");
}
