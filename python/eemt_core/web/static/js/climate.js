// The climate that EEMT needs: the demonstration's, one of this service, or files of one's own.

import { get, upload } from "./api.js";
import { announce, byId, el, fill, say } from "./dom.js";

/** The part of the form with the climate. */
export class Climate {
  constructor(onChange) {
    this.part = byId("climate-part");
    this.choice = byId("climate");
    this.choice.addEventListener("change", () => { this.blame(""); onChange(); });
    const input = byId("climate-file");
    input.addEventListener("change", async () => {
      if (input.files.length) await this.take([...input.files]);
      input.value = "";
      onChange();
    });
  }

  get value() { return this.choice.value; }

  /** Whether the chosen climate has cells of its own, with an elevation. */
  get isGrid() {
    const chosen = this.there?.find((one) => one.id === this.value);
    return Boolean(chosen) && chosen.kind !== "station";
  }

  /** Have the list filled, once somebody needs it. */
  async offer() {
    if (this.isFilled) return;
    this.isFilled = true;
    try {
      await this.load();
    } catch (error) {
      this.isFilled = false;
      this.blame(error.message);
    }
  }

  /** Ask which there are, and choose one of them. */
  async load(chosen = "") {
    const there = await get("/api/climates");
    this.there = there;
    fill(this.choice, el("option", { value: "" }, "Choose one…"), there.map((one) => el("option", { value: one.id }, labelOf(one))));
    this.choice.value = chosen;
  }

  async take(files) {
    this.blame("");
    const bar = byId("climate-bar");
    bar.hidden = false;
    try {
      const { answer } = upload("/api/upload-climate", files, (sent, total) => { bar.value = total ? sent / total : 0; });
      const { climate, message } = await answer;
      await this.load(climate);
      announce(message || "The climate is read.");
    } catch (error) {
      this.blame(error.message);
    } finally {
      bar.hidden = true;
    }
  }

  blame(sentence) {
    say(byId("climate-problem"), sentence);
    this.choice.setAttribute("aria-invalid", String(Boolean(sentence)));
  }
}

function labelOf({ id, label, periods }) {
  const times = Array.isArray(periods) ? periods : [];
  const when = times.length > 1 ? `${times[0]} to ${times.at(-1)}` : times[0];
  return [label || id, when].filter(Boolean).join(" · ");
}
