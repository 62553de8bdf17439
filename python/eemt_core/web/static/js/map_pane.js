// One map of a result over its hillshade.

import { address, path } from "./api.js";
import { corners, makeMap, mark, tiles } from "./map.js";

const PATIENCE_MS = 4000;

/** A map in an element, as opaque as `opacity` (0 to 1) says; `onPlace` hears of a place that was clicked, or taken with Enter. */
export class MapPane {
  constructor(element, caption, { job, bounds, opacity, onPlace }) {
    Object.assign(this, { element, caption, job, bounds, opacity });
    this.map = makeMap(element, bounds, "Map");
    this.layer = this.mark = null;
    tiles((at) => path("/api/jobs", job, "hillshade", at.z, at.x, `${at.y}.png`), bounds).addTo(this.map);
    this.map.on("click", (event) => onPlace(event.latlng));
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target !== element) return;
      event.preventDefault();
      onPlace(this.map.getCenter());
    });
  }

  /** Show a map; the one before stays until this one is there, so that nothing flickers. */
  show(shown, title, { colors, low, high }) {
    const query = { map: shown.path, colors, low, high };
    const key = JSON.stringify(query);
    const isEmpty = !Number.isFinite(shown.low);
    this.caption.textContent = isEmpty ? `${title}: no value anywhere in this map` : title;
    this.element.setAttribute("aria-label", `Map: ${title}. Arrow keys move it, Enter takes the place in its middle.`);
    if (key === this.key) return Promise.resolve();
    this.key = key;
    const before = this.layer;
    const layer = tiles((at) => address(path("/api/jobs", this.job, "tiles", at.z, at.x, `${at.y}.png`), query), this.bounds, { opacity: before ? 0 : this.opacity, zIndex: 5 });
    this.layer = layer;
    return new Promise((resolve) => {
      const there = () => {
        layer.setOpacity(this.opacity);
        before?.remove();
        resolve();
      };
      layer.once("load", there);
      setTimeout(there, PATIENCE_MS); // where tiles fail or the map is out of sight, the time must go on
      layer.addTo(this.map);
    });
  }

  setOpacity(opacity) {
    this.opacity = opacity;
    this.layer?.setOpacity(opacity);
  }

  /** Mark a place, and bring it into view. */
  setMark(place) {
    this.mark?.remove();
    this.mark = mark(place).addTo(this.map);
    if (corners(this.bounds).contains(place) && !this.map.getBounds().contains(place)) this.map.panTo(place);
  }
}
