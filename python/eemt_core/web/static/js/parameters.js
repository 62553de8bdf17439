// The fields of a run's parameters, as the service describes them; checked as one types.

import { el, say } from "./dom.js";
import { number } from "./format.js";

const USUAL = ["step", "linke_value", "albedo_value", "variant", "start_year", "end_year", "days"];

/** A parameter's field: what it shows, whether its value is right, what is sent. */
class Field {
  constructor(described, onChange) {
    this.described = described;
    const { name, label, unit, help } = described;
    this.problem = el("p", { class: "problem", id: `problem-${name}`, role: "alert", hidden: true });
    this.input = control(described);
    const hint = [help, this.limits()].filter(Boolean).join(" ");
    const title = el("label", { for: this.input.id }, label, unit && el("span", { class: "unit" }, ` [${unit}]`));
    const words = el("p", { class: "help", id: `help-${name}` }, hint);
    this.input.setAttribute("aria-describedby", `help-${name} problem-${name}`);
    this.element = described.kind === "switch"
      ? el("div", { class: "field switch" }, this.input, title, words, this.problem)
      : el("div", { class: "field" }, title, this.input, words, this.problem);
    this.input.addEventListener("input", () => { this.check(); onChange(); });
    this.reset();
  }

  get name() { return this.described.name; }

  get isForEemt() { return this.described.workflow === "eemt"; }

  /** What is sent; empty for the service's own choice. */
  get value() {
    if (this.described.kind === "switch") return this.input.checked ? "true" : "false";
    return this.input.value.trim();
  }

  reset() {
    const preset = this.described.default;
    if (this.described.kind === "switch") this.input.checked = Boolean(preset);
    else this.input.value = Array.isArray(preset) ? preset.join(",") : preset ?? "";
    this.show("");
  }

  limits() {
    const { low, high, unit } = this.described;
    if (isNone(low) && isNone(high)) return "";
    const of = unit ? ` ${unit}` : "";
    if (isNone(high)) return `At least ${number(low)}${of}.`;
    if (isNone(low)) return `At most ${number(high)}${of}.`;
    return `${plain(low, this.name)} to ${plain(high, this.name)}${of}.`;
  }

  /** Say what is wrong with the value as typed; return whether it is right. */
  check() {
    const { kind, low, high } = this.described;
    let wrong = "";
    if (this.input.validity?.badInput) wrong = "This is no number.";
    else if (this.value && (kind === "number" || kind === "whole")) {
      const value = Number(this.value);
      if (kind === "whole" && !Number.isInteger(value)) wrong = "It must be a whole number.";
      else if ((!isNone(low) && value < low) || (!isNone(high) && value > high)) wrong = `It must be within its range: ${this.limits()}`;
    }
    this.show(wrong);
    return !wrong;
  }

  show(wrong) {
    say(this.problem, wrong);
    this.input.setAttribute("aria-invalid", String(Boolean(wrong)));
  }
}

const isNone = (value) => value === null || value === undefined;
const plain = (value, name) => (name.endsWith("year") ? String(value) : number(value));

function control({ name, kind, choices, default: preset }) {
  const id = `parameter-${name}`;
  if (kind === "switch") return el("input", { id, name, type: "checkbox" });
  if (choices?.length) {
    const options = choices.map((one) => (typeof one === "object" ? one : { value: one, label: one }));
    return el("select", { id, name }, isNone(preset) && el("option", { value: "" }, "automatic"),
      options.map((one) => el("option", { value: one.value }, String(one.label))));
  }
  const isNumber = kind === "number" || kind === "whole";
  return el("input", {
    id, name, type: isNumber ? "number" : "text", step: isNumber ? (kind === "whole" ? 1 : "any") : null,
    inputmode: kind === "number" ? "decimal" : kind === "whole" ? "numeric" : null,
    placeholder: isNone(preset) || preset === "" ? "automatic" : null, autocomplete: "off",
  });
}

/** All fields of the form. */
export class Parameters {
  constructor(descriptions, usual, more, onChange) {
    this.fields = descriptions.map((one) => new Field(one, onChange));
    this.usual = usual;
    const place = (field) => USUAL.indexOf(field.name);
    const first = this.fields.filter((field) => place(field) >= 0).sort((a, b) => place(a) - place(b));
    usual.append(...first.map((field) => field.element));
    more.append(...this.fields.filter((field) => place(field) < 0).map((field) => field.element));
  }

  field(name) { return this.fields.find((one) => one.name === name); }

  /** Put a field where nobody overlooks it, as this file cannot do without. */
  bringForward(name) {
    const field = this.field(name);
    if (field) this.usual.prepend(field.element);
  }

  /** Show those of a workflow. */
  choose(workflow) {
    this.workflow = workflow;
    for (const field of this.fields) field.element.hidden = field.isForEemt && workflow !== "eemt";
  }

  get shown() { return this.fields.filter((field) => !field.element.hidden); }

  reset() { for (const field of this.fields) field.reset(); }

  /** Return the first field whose value is wrong, if one is. */
  wrong() { return this.shown.filter((field) => !field.check())[0]; }

  /** Put values into a form, those left empty not. */
  into(form) {
    for (const field of this.shown) if (field.value) form.set(field.name, field.value);
  }

  /** Show what the service said of a field; return the field, if there is such a one. */
  blame(name, sentence) {
    const field = this.field(name);
    field?.show(sentence);
    return field;
  }
}
