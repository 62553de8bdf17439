// A map without a background of the world: only what the service itself has. Leaflet does the rest.

import { svg } from "./dom.js";

const L = window.L;
const CALM = matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Corners as Leaflet has them, from west, south, east, north in degrees. */
export const corners = ([west, south, east, north]) => L.latLngBounds([south, west], [north, east]);

/** Make a map in an element; `label` is what a screen reader says of it. */
export function makeMap(element, bounds, label) {
  const motion = !CALM;
  const map = L.map(element, {
    attributionControl: false, zoomSnap: 0.25, maxZoom: 19, maxBoundsViscosity: 0.8,
    zoomAnimation: motion, fadeAnimation: motion, markerZoomAnimation: motion, inertia: motion,
  });
  L.control.scale({ imperial: false }).addTo(map);
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", label);
  element.append(cross());
  // the cross is where the keyboard takes a place; a pointer has its own
  element.addEventListener("pointerdown", () => element.classList.add("pointed"));
  element.addEventListener("keydown", () => element.classList.remove("pointed"));
  show(map, bounds);
  new ResizeObserver(() => fit(map)).observe(element);
  return map;
}

/** Take the size of the map's element; until the reader moves it, the map shows all that there is. */
export function fit(map) {
  if (!map.getContainer().clientWidth) return; // it is hidden
  const stands = isAsShown(map);
  map.invalidateSize({ pan: false });
  if (stands) show(map, map.shown.bounds);
}

/** Move a map so that all of these bounds are seen, and keep it near them. */
export function show(map, bounds) {
  const box = corners(bounds);
  map.setMinZoom(0);
  map.fitBounds(box, { padding: [8, 8], animate: false });
  map.setMinZoom(Math.max(0, map.getZoom() - 2));
  map.setMaxBounds(box.pad(1));
  map.shown = { bounds, center: map.getCenter(), zoom: map.getZoom() };
}

// maps beside each other may differ by a pixel
function isAsShown(map) {
  const { center, zoom } = map.shown;
  return Math.abs(map.getZoom() - zoom) < 0.3 && map.project(map.getCenter()).distanceTo(map.project(center)) < 4;
}

// marks the middle while the map is moved by the keyboard
function cross() {
  const lines = "M13 0V10M13 16V26M0 13H10M16 13H26";
  return svg("svg", { class: "cross", viewBox: "0 0 26 26", "aria-hidden": "true" },
    svg("path", { class: "halo", d: lines }), svg("path", { d: lines }));
}

/** Lay one picture over bounds. */
export const picture = (url, bounds, options = {}) => L.imageOverlay(url, corners(bounds), { alt: "", ...options });

/** Return a layer of tiles within bounds; `address` makes a tile's URL of {x, y, z}. */
export function tiles(address, bounds, options = {}) {
  const layer = L.tileLayer("", { bounds: corners(bounds), maxZoom: 19, ...options });
  layer.getTileUrl = address;
  return layer;
}

/** Have maps move together; return a function that ends it. */
export function together(first, second) {
  let moving = false;
  const follow = (from, to) => () => {
    if (moving) return;
    moving = true;
    to.setView(from.getCenter(), from.getZoom(), { animate: false });
    moving = false;
  };
  const there = follow(first, second), back = follow(second, first);
  first.on("move", there);
  second.on("move", back);
  there();
  return () => { first.off("move", there); second.off("move", back); };
}

/** Return a mark for a place, seen on light and on dark. */
export function mark(place) {
  return L.layerGroup([
    L.circleMarker(place, { radius: 9, color: "#fff", weight: 5, fill: false, interactive: false }),
    L.circleMarker(place, { radius: 9, color: "#111", weight: 2, fill: false, interactive: false }),
    L.circleMarker(place, { radius: 1.5, color: "#111", weight: 2, interactive: false }),
  ]);
}
