// The map of a run's tiles: one box a tile, coloured and marked by its state.

import { byId, el, fill } from "./dom.js";
import { whole } from "./format.js";
import { TILE_STATES } from "./states.js";

const DARK = matchMedia("(prefers-color-scheme: dark)");

/** The canvas with all tiles; what it shows is also said in words. */
export class TileMap {
  constructor() {
    this.canvas = byId("tiles");
    this.legend = byId("tiles-legend");
    this.clear();
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    DARK.addEventListener("change", () => this.draw());
  }

  clear() {
    this.grid = { rows: 0, cols: 0 };
    this.tiles = new Map();
    this.tell();
    this.draw();
  }

  /** Take all tiles, each with its cells. */
  take({ rows, cols, total, tiles }) {
    this.grid = { rows, cols };
    this.total = total;
    this.tiles = new Map(tiles.map((tile) => [tile.name, tile]));
    this.tell();
    this.draw();
  }

  /** Take states by the names of tiles; return whether all of them were known. */
  change(states) {
    const names = Object.keys(states);
    for (const name of names) if (this.tiles.has(name)) this.tiles.get(name).state = states[name];
    this.tell();
    this.draw();
    return names.every((name) => this.tiles.has(name));
  }

  /** Whether it has all tiles of the run, of which only so many are listed. */
  get isWhole() { return this.tiles.size > 0 && this.tiles.size === this.total; }

  counts() {
    const counts = Object.fromEntries(Object.keys(TILE_STATES).map((state) => [state, 0]));
    for (const { state } of this.tiles.values()) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }

  tell() {
    const counts = this.counts(), total = this.tiles.size;
    fill(this.legend, Object.entries(TILE_STATES).filter(([state]) => counts[state]).map(([state, { label, colour }]) => {
      const swatch = el("span", { class: "swatch", "aria-hidden": "true" });
      swatch.style.background = `var(${colour})`;
      return el("li", {}, swatch, `${whole(counts[state])} ${label}`);
    }));
    const words = Object.entries(TILE_STATES).filter(([state]) => counts[state]).map(([state, { label }]) => `${counts[state]} ${label}`);
    const listed = this.total > total ? `The first ${whole(total)} of ${whole(this.total)}` : whole(total);
    this.canvas.setAttribute("aria-label", total ? `${listed} ${total === 1 ? "tile" : "tiles"} in place: ${words.join(", ")}` : "No tiles yet");
  }

  draw() {
    const { canvas } = this, { rows, cols } = this.grid;
    const width = canvas.clientWidth, height = canvas.clientHeight, dense = window.devicePixelRatio || 1;
    if (!width || !height) return;
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
    const pen = canvas.getContext("2d");
    pen.scale(dense, dense);
    const style = getComputedStyle(canvas);
    if (!rows || !cols) {
      pen.strokeStyle = style.getPropertyValue("--line");
      pen.setLineDash([4, 4]);
      pen.strokeRect(1, 1, width - 2, height - 2);
      return;
    }
    const scale = Math.min(width / cols, height / rows);
    const left = (width - scale * cols) / 2, top = (height - scale * rows) / 2;
    for (const tile of this.tiles.values()) {
      const w = tile.cols * scale, h = tile.rows * scale, gap = Math.min(w, h) > 6 ? 1.5 : 0;
      pen.fillStyle = pen.strokeStyle = style.getPropertyValue(TILE_STATES[tile.state]?.colour ?? "--wait");
      box(pen, tile.state, left + tile.col * scale + gap / 2, top + tile.row * scale + gap / 2, w - gap, h - gap);
    }
  }
}

// states differ in form as well, for those who see no difference of colour
function box(pen, state, x, y, width, height) {
  if (Math.min(width, height) < 9) {
    pen.globalAlpha = state === "waiting" ? 0.35 : 1;
    pen.fillRect(x, y, width, height);
    pen.globalAlpha = 1;
    return;
  }
  pen.lineWidth = 1.5;
  pen.globalAlpha = state === "done" ? 1 : state === "waiting" ? 0.12 : 0.25;
  pen.fillRect(x, y, width, height);
  pen.globalAlpha = 1;
  if (state !== "done") pen.strokeRect(x + 0.75, y + 0.75, width - 1.5, height - 1.5);
  if (state === "running") pen.fillRect(x, y, width / 2, height);
  if (state !== "aside") return;
  const [right, bottom] = [x + width * 0.75, y + height * 0.75];
  pen.beginPath();
  pen.moveTo(x + width * 0.25, y + height * 0.25);
  pen.lineTo(right, bottom);
  pen.moveTo(right, y + height * 0.25);
  pen.lineTo(x + width * 0.25, bottom);
  pen.stroke();
}
