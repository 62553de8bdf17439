// What a reader takes along: files, addresses for QGIS, the citation, parameters and provenance.

import { address, path } from "./api.js";
import { byId, copyRow, el, fill, terms } from "./dom.js";
import { duration, moment, month, number, whole } from "./format.js";
import { groupName } from "./names.js";
import { WORKFLOWS } from "./states.js";

const ENGLISH = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** Show what can be fetched of the map that is shown. */
export function showDownloads(job, selection, titleOf) {
  const base = path("/api/jobs", job, "results"), { map, otherMap, group } = selection;
  const rows = [[titleOf(group, map), path(base, map.path), "This map (GeoTIFF)"]];
  if (otherMap) rows.push([titleOf(selection.other, otherMap), path(base, otherMap.path), "The map beside it"]);
  if (group.maps.length > 1) rows.push([`All ${group.maps.length} maps of ${groupName(group)}`, address(base, { group: group.id }), "As a zip"]);
  if (map.month) rows.push([`All maps of ${month(map.month)}`, address(base, { month: ENGLISH[map.month - 1] }), "As a zip"]);
  rows.push(["Everything, pictures and records too", base, "As a zip"]);
  fill(byId("downloads"), el("ul", { class: "downloads-list" }, rows.map(([what, href, label]) => el("li", {}, el("span", {}, what),
    el("a", { href, download: "", "aria-label": `${label}: ${what}` }, label)))));
}

/** Show by which address QGIS opens the map that is shown. */
export function showQgis(job, selection, folder) {
  const { map } = selection;
  const url = location.origin + path("/api/jobs", job, "results", map.path);
  fill(byId("qgis"),
    el("p", { class: "copy-label" }, "Address, for QGIS on any machine (source type: HTTP)"), copyRow(url, "address"),
    folder && el("p", { class: "copy-label" }, "File, for QGIS on the service's own machine"), folder && copyRow(`${folder}/${map.path}`, "path"));
}

/** Show how to cite the program, and the papers of its models. */
export function showCite(cite) {
  fill(byId("cite"), el("p", {}, cite.message), copyRow(cite.text, "citation"),
    el("details", {}, el("summary", {}, "Papers of its models"), el("ul", { class: "papers" }, cite.references.map((paper) => el("li", {}, `${paper.text}. `, el("a", { href: `https://doi.org/${paper.doi}`, rel: "noreferrer" }, `doi:${paper.doi}`))))));
}

/** Show parameters and provenance. */
export function showRecord(job, record, units) {
  const flat = flattened(record.parameters ?? {});
  fill(byId("record"), el("div", { class: "record" },
    part("Asked for", Object.entries(job.parameters).map(([name, value]) => (name === "workflow_type" ? ["Computed", WORKFLOWS[value]] : [label(name, units), String(value)]))),
    part("Provenance", [
      ["Program", record.program], ["Command", record.command],
      ["Begun", moment(record.started)], ["Ended", moment(record.ended)],
      ["Time", typeof record.seconds === "object" ? Object.entries(record.seconds ?? {}).map(([name, s]) => `${name} ${duration(s)}`).join(", ") : duration(record.seconds)],
      ["Grid", `${whole(record.rows)} rows × ${whole(record.cols)} columns, cells of ${record.cell_size_m.map((size) => number(size)).join(" × ")} m`],
      ["Reference system", nameOfCrs(record.crs)],
      ...record.inputs.map((file) => [`Input: ${file.role}`, `${file.name}, SHA-256 ${file.sha256}`]),
      ["Checksum of the code", record.code_sha256],
      ...Object.entries(record.versions ?? {}).map(([name, version]) => [initial(name.replaceAll("_", " ")), version]),
    ])),
  el("details", {}, el("summary", {}, "All parameters of the run"), part("", flat)));
}

function part(title, pairs) {
  if (!pairs.length) return null;
  return el("section", {}, title && el("h3", {}, title), el("dl", { class: "facts" }, terms(pairs)));
}

// the text by which programs know it, down to its name
const nameOfCrs = (text) => /^\w+\["([^"]+)"/.exec(text)?.[1] ?? text;

function label(name, units) {
  const found = units.find((one) => one.name === name);
  if (!found) return initial(name.replaceAll("_", " "));
  return found.unit ? `${found.label} [${found.unit}]` : found.label;
}

const initial = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function flattened(value, before = "") {
  return Object.entries(value).flatMap(([name, inner]) => {
    const full = before ? `${before} › ${name.replaceAll("_", " ")}` : name.replaceAll("_", " ");
    if (inner === null) return [];
    if (Array.isArray(inner)) return [[full, inner.length > 20 ? `${inner.length} values: ${inner[0]} to ${inner.at(-1)}` : inner.join(", ")]];
    if (typeof inner === "object") return flattened(inner, full);
    return [[full, typeof inner === "number" ? plain(inner, name) : String(inner)]];
  });
}

const plain = (value, name) => (name.includes("year") ? String(value) : number(value, 6));
