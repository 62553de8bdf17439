// A raster beside the elevation model: chosen or uploaded, and shown with what was found in it.

import { get, path, remove, upload } from "./api.js";
import { announce, el, fill, say, terms } from "./dom.js";
import { count, number, percent, printed, whole } from "./format.js";

let demName = () => "";
let there = null; // those of the service, asked for once

/** Have rasters checked over the elevation model whose name a function returns. */
export function layOver(dem) { demName = dem; }

/**
 * Return a control for the filename of a raster, as `controlOf` does.
 *
 * `numbers` is the control of the numbers, or of a word, that may stand in the raster's place; null
 * where there is nothing but a raster. `main` is what the field's label belongs to.
 */
export function rasterOf(described, id, numbers = null) {
  const { name, label, choices } = described, known = new Map();
  const choice = el("select", { id: numbers ? `${id}-from` : id, "aria-label": numbers && `${label} from` },
    el("option", { value: "" }, numbers ? "The numbers above" : "None"),
    choices.map((word) => el("option", { value: word }, word === "auto" ? "SoDa's worldwide map (auto)" : word)));
  const input = el("input", { class: "unseen", id: `${id}-file`, type: "file", accept: ".tif,.tiff,image/tiff", "aria-label": `GeoTIFF of ${label}` });
  const bar = el("progress", { max: 1, value: 0, hidden: true, "aria-label": `Upload of ${label}` });
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const found = el("div", { class: "raster-found", hidden: true });
  const element = el("div", { class: "raster" }, numbers?.element, choice,
    el("div", { class: "raster-own" }, el("label", { class: "button small", for: input.id }, "Upload a GeoTIFF…"), input, bar), problem, found);
  const changed = () => element.dispatchEvent(new Event("input"));

  const add = (facts) => {
    if (!known.has(facts.filename)) choice.append(el("option", { value: facts.filename }, facts.original_name));
    known.set(facts.filename, facts);
  };
  const show = () => {
    const facts = known.get(choice.value);
    if (numbers) numbers.element.hidden = Boolean(choice.value);
    found.hidden = !facts;
    if (!facts) return;
    const forget = el("button", { type: "button", class: "button small", on: { click: () => drop(facts) } }, "Delete it");
    fill(found, el("dl", { class: "facts" }, terms(about(facts, described))),
      facts.notes.length > 0 && el("ul", { class: "notes" }, facts.notes.map((note) => el("li", {}, note))), forget);
  };
  const choose = (value) => { choice.value = value; say(problem, ""); show(); };
  const drop = (facts) => {
    remove(path("/api/rasters", facts.filename)).catch(() => {}); // a job may need it still
    known.delete(facts.filename);
    for (const option of [...choice.options]) if (option.value === facts.filename) option.remove();
    choose("");
    choice.focus();
    changed();
  };
  const take = async (file) => {
    say(problem, "");
    bar.hidden = false;
    const dem = demName();
    try {
      const { answer } = upload("/api/upload-raster", [file], (sent, total) => { bar.value = total ? sent / total : 0; },
        { kind: name, uploaded_filename: dem });
      const facts = await answer;
      add({ ...facts, dem });
      choose(facts.filename);
      announce(`${facts.original_name} is read.`);
      changed();
    } catch (error) {
      say(problem, error.message);
    } finally {
      bar.hidden = true;
    }
  };

  input.addEventListener("change", () => {
    const [file] = input.files;
    input.value = "";
    if (file) take(file);
  });
  choice.addEventListener("change", () => choose(choice.value));
  there ??= get("/api/rasters").catch(() => []);
  there.then((all) => all.filter((facts) => facts.kind === name).forEach(add));
  return {
    element, main: numbers?.element ?? choice,
    value: () => choice.value || (numbers?.value() ?? ""),
    wrong: () => (choice.value || !numbers ? "" : numbers.wrong()),
    set: (preset) => { numbers?.set(preset); choose(""); },
  };
}

function about(facts, { unit }) {
  const [dx, dy] = facts.cell_size_m ?? [], of = unit ? ` ${printed(unit)}` : "";
  return [
    ["Values", facts.low !== null && `${number(facts.low)} to ${number(facts.high)}${of}`],
    ["Of the elevation model", facts.cover !== null && facts.dem === demName() && `${percent(100 * facts.cover, 1)} covered`],
    ["Cells", `${whole(facts.rows)} × ${whole(facts.cols)}${dx ? ` of ${number(dx)} × ${number(dy)} m` : ""}, ${count(facts.bands, "band")}`],
    ["Reference system", facts.crs || "not said"],
    ["Without data", percent(100 * facts.nodata_share, 1)],
  ];
}
