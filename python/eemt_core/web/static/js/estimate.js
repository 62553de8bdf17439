// What a run would take: time, memory and disk, beside what is free.

import { post } from "./api.js";
import { byId, el, fill, say, shareBar } from "./dom.js";
import { bytes, count, duration, MIB } from "./format.js";

/** The panel with the estimate of the form as it stands. */
export class EstimatePanel {
  constructor(onBlame) {
    this.box = byId("estimate");
    this.onBlame = onBlame;
    this.asked = null;
    this.lacks = [];
  }

  /** Forget what was estimated, and show a sentence instead. */
  empty(sentence) {
    this.asked?.abort();
    this.lacks = [];
    this.box.classList.remove("stale");
    fill(this.box, el("p", { class: "soft" }, sentence));
  }

  /** Ask for the estimate of a form. */
  async ask(form) {
    this.asked?.abort();
    const asked = new AbortController();
    this.asked = asked;
    this.box.classList.add("stale");
    this.box.setAttribute("aria-busy", "true");
    if (!this.box.querySelector("dl")) fill(this.box, el("p", { class: "soft" }, "Being estimated…"));
    try {
      this.show(await post("/api/estimate", form, asked.signal));
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!this.onBlame(error)) this.empty(error.message);
    } finally {
      if (this.asked === asked) {
        this.box.classList.remove("stale");
        this.box.setAttribute("aria-busy", "false");
      }
    }
  }

  show(estimate) {
    this.lacks = estimate.lacks ?? [];
    const memory = estimate.memory_mb * MIB, disk = estimate.peak_disk_bytes;
    fill(this.box,
      el("dl", { class: "takes" },
        row("Time", estimate.seconds === null ? "As fast as its workers" : `about ${duration(estimate.seconds)}`,
          `${count(estimate.tiles, "tile")}, ${count(estimate.maps, "map")}`),
        row("Memory", bytes(memory), ...beside(memory, estimate.free_memory_mb * MIB)),
        row("Disk", bytes(disk), ...beside(disk, estimate.free_disk_bytes, `${bytes(estimate.final_disk_bytes)} when it has ended`))),
      this.lacks.length > 0 && el("ul", { class: "notes lacks" }, this.lacks.map((lack) => el("li", {}, lack))),
      estimate.notes?.length > 0 && el("ul", { class: "notes" }, estimate.notes.map((note) => el("li", {}, note))),
      estimate.basis?.length > 0 && el("details", {}, el("summary", {}, "Where these numbers come from"),
        el("ul", { class: "soft" }, estimate.basis.map((sentence) => el("li", {}, sentence)))));
  }
}

function row(term, value, detail, bar) {
  const small = el("small", {});
  say(small, detail ?? "");
  return el("div", {}, el("dt", {}, term), el("dd", {}, value, small, bar));
}

function beside(needed, free, more = "") {
  if (!Number.isFinite(free)) return [more];
  const share = free > 0 ? Math.min(1, needed / free) : 1;
  return [[`${bytes(free)} free`, more].filter(Boolean).join("; "), shareBar(100 * share, needed > free ? "full" : "")];
}
