// The fields of a run's parameters, as the service describes them; checked as one types.

import { controlOf } from "./controls.js";
import { el, say } from "./dom.js";
import { number, printed } from "./format.js";

const USUAL = ["step", "linke_value", "albedo_value", "variant", "lai", "ndvi", "canopy_height", "start_year", "end_year", "days"];

/** A parameter's field: what it shows, whether its value is right, what is sent. */
class Field {
  constructor(described, onChange) {
    this.described = described;
    const { name, label, help, kind } = described, unit = printed(described.unit);
    this.control = controlOf(described);
    this.problem = el("p", { class: "problem", id: `problem-${name}`, role: "alert", hidden: true });
    this.main = this.control.main ?? this.control.element;
    const { element } = this.control, content = [label, unit && el("span", { class: "unit" }, ` [${unit}]`)];
    const title = kind === "choices" ? el("span", { id: `label-${name}`, class: "label" }, content) : el("label", { for: this.main.id }, content);
    const words = el("p", { class: "help", id: `help-${name}` }, [printed(help), this.limits()].filter(Boolean).join(" "));
    this.main.setAttribute("aria-describedby", `help-${name} problem-${name}`);
    this.element = kind === "switch"
      ? el("div", { class: "field switch" }, element, title, words, this.problem)
      : el("div", { class: "field" }, title, element, words, this.problem);
    element.addEventListener("input", () => { this.check(); onChange(); });
    this.reset();
  }

  get name() { return this.described.name; }

  /** What is sent; empty for the service's own choice. */
  get value() { return this.control.value(); }

  isOf(workflow) { return ["both", workflow].includes(this.described.workflow); }

  reset() {
    this.control.set(this.described.default);
    this.show("");
  }

  limits() {
    const { low, high, unit, name, help } = this.described, of = unit ? ` ${printed(unit)}` : "";
    const plain = (value) => (name.endsWith("year") ? String(value) : number(value));
    if (low === null || help.includes(`${low} to ${high}`)) return "";
    return high === null ? `At least ${plain(low)}${of}.` : `${plain(low)} to ${plain(high)}${of}.`;
  }

  /** Say what is wrong with the value as typed; return whether it is right. */
  check() {
    const wrong = this.control.wrong();
    this.show(wrong);
    return !wrong;
  }

  show(wrong) {
    say(this.problem, wrong);
    this.main.setAttribute("aria-invalid", String(Boolean(wrong)));
  }

  focus() {
    const folded = this.element.closest("details");
    if (folded) folded.open = true;
    (this.main.matches("input, select") ? this.main : this.main.querySelector("input")).focus();
  }
}

/** All fields of the form. */
export class Parameters {
  constructor(descriptions, usual, more, moreEemt, onChange) {
    this.usual = usual;
    this.workflow = "sol";
    this.hasGrid = false;
    this.fields = descriptions.map((one) => new Field(one, () => { this.show(); onChange(); }));
    const place = (field) => USUAL.indexOf(field.name);
    const first = this.fields.filter((field) => place(field) >= 0).sort((a, b) => place(a) - place(b));
    usual.append(...first.map((field) => field.element));
    for (const field of this.fields) if (place(field) < 0) (field.isOf("sol") ? more : moreEemt).append(field.element);
  }

  field(name) { return this.fields.find((one) => one.name === name); }

  /** Put a field where nobody overlooks it, as this file cannot do without. */
  bringForward(name) {
    const field = this.field(name);
    if (field) this.usual.prepend(field.element);
  }

  /** Show those of a workflow, of a climate that is a grid or is none, and of the forms that are chosen. */
  choose(workflow, hasGrid) {
    this.workflow = workflow;
    this.hasGrid = hasGrid;
    this.show();
  }

  show() {
    const chosen = (this.field("variant")?.value || "trad,topo").split(",");
    for (const field of this.fields) {
      const { name, variants } = field.described;
      const matters = this.workflow === "sol" || variants.length === 0 || variants.some((one) => chosen.includes(one));
      field.element.hidden = !field.isOf(this.workflow) || !matters || (name === "climate_elevation" && !this.hasGrid);
    }
  }

  get shown() { return this.fields.filter((field) => !field.element.hidden); }

  reset() {
    for (const field of this.fields) field.reset();
    this.show();
  }

  /** Return the first field whose value is wrong, if one is. */
  wrong() { return this.shown.filter((field) => !field.check())[0]; }

  /** Put values into a form, those left empty not. */
  into(form) {
    for (const field of this.shown) if (field.value) form.set(field.name, field.value);
  }

  /** Show what the service said of a field; return the field, if there is such a one. */
  blame(name, sentence) {
    const field = this.field(name), folded = field?.element.closest("details");
    field?.show(sentence);
    if (folded) folded.open = true; // or nobody would see it
    return field;
  }
}
