// The elevation model: chosen or dropped, uploaded, and shown with all that was found in it.

import { get, path, remove, upload } from "./api.js";
import { announce, byId, el, fill, say, terms } from "./dom.js";
import { bytes, duration, number, percent, whole } from "./format.js";
import { makeMap, picture, show } from "./map.js";

/** The part of the form with the file; `facts` are those of the file that is there, or null. */
export class Dem {
  constructor(onChange) {
    this.facts = null;
    this.onChange = onChange;
    this.map = null;
    const drop = byId("drop"), input = byId("dem");
    input.addEventListener("change", () => { if (input.files.length) this.take(input.files); });
    byId("dem-other").addEventListener("click", () => this.forget());
    // a file that misses its place must not replace the page
    for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
    drop.addEventListener("dragover", () => drop.classList.add("over"));
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      drop.classList.remove("over");
      this.take(event.dataTransfer.files);
    });
  }

  async take(files) {
    this.blame("");
    if (files.length !== 1) {
      this.blame("One file at a time: an elevation model is a single GeoTIFF.");
      return;
    }
    const [file] = files, began = performance.now();
    byId("uploading-name").textContent = file.name;
    this.stage("uploading");
    const sending = upload("/api/upload-file", [file], (sent, total) => {
      byId("upload-bar").value = total ? sent / total : 0;
      byId("upload-said").textContent = sent < total ? sentSoFar(sent, total, began) : "Uploaded. It is being read…";
    });
    byId("upload-stop").onclick = sending.stop;
    try {
      const { filename } = await sending.answer;
      await this.show(await get(path("/api/uploads", filename)));
    } catch (error) {
      this.stage("drop");
      if (error.name !== "AbortError") this.blame(error.message);
      byId("dem").focus();
    } finally {
      byId("dem").value = "";
      byId("upload-bar").value = 0;
    }
  }

  async show(facts) {
    this.facts = facts;
    this.stage("dem-shown");
    byId("dem-name").textContent = facts.original_name;
    fill(byId("dem-facts"), terms(described(facts)));
    fill(byId("dem-notes"), (facts.notes ?? []).map((note) => el("li", {}, note)));
    this.draw(facts);
    byId("dem-name").focus();
    announce(`${facts.original_name} is read: ${facts.rows} rows, ${facts.cols} columns.`);
    this.onChange();
  }

  draw({ filename, bounds, original_name: name }) {
    const box = byId("dem-map");
    box.hidden = !bounds;
    if (!bounds) return;
    const label = `Hillshade of ${name}`;
    if (this.map) {
      show(this.map, bounds);
      box.setAttribute("aria-label", label);
      this.shade.remove();
    } else this.map = makeMap(box, bounds, label);
    this.shade = picture(path("/api/uploads", filename, "hillshade.png"), bounds).addTo(this.map);
  }

  /** Give the file back, and ask for another. */
  forget() {
    if (this.facts) remove(path("/api/uploads", this.facts.filename)).catch(() => {}); // a job may need it still
    this.facts = null;
    this.stage("drop");
    byId("dem").focus();
    this.onChange();
  }

  blame(sentence) {
    say(byId("dem-problem"), sentence);
  }

  stage(name) {
    for (const id of ["drop", "uploading", "dem-shown"]) byId(id).hidden = id !== name;
  }
}

function sentSoFar(sent, total, began) {
  const seconds = (performance.now() - began) / 1000;
  const left = seconds > 1 ? `, ${duration(((total - sent) * seconds) / sent)} left` : "";
  return `${bytes(sent)} of ${bytes(total)} (${percent((100 * sent) / total)})${left}`;
}

function described(facts) {
  const [dx, dy] = facts.cell_size_m ?? [];
  const lowest = facts.elevation_min_m, highest = facts.elevation_max_m;
  return [
    ["Cells", `${whole(facts.rows)} rows × ${whole(facts.cols)} columns`],
    ["Cell size", dx && `${number(dx)} × ${number(dy)} m`],
    ["Extent", dx && `${number((dx * facts.cols) / 1000, 3)} × ${number((dy * facts.rows) / 1000, 3)} km`],
    ["Reference system", facts.crs],
    ["Elevation", Number.isFinite(lowest) && `${number(lowest)} to ${number(highest)} m`],
    ["Unit in the file", facts.elevation_unit],
    ["Without data", Number.isFinite(facts.nodata_share) && percent(100 * facts.nodata_share, 1)],
    ["File", bytes(facts.size)],
  ];
}
