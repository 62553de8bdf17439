// The control of a parameter, by its kind: what it shows, its value as text, what is wrong with it.

import { el } from "./dom.js";
import { isNone } from "./format.js";
import { rasterOf } from "./rasters.js";

/** Return a control as {element, value, set, wrong}, `main` where a part of it is what the label names; `value` and `wrong` are functions. */
export function controlOf(described) {
  const id = `parameter-${described.name}`;
  if (described.kind === "raster") return rasterOf(described, id);
  if (described.takes_raster) return rasterOf(described, id, textOf(described, id));
  const make = { switch: switchOf, choice: choiceOf, choices: choicesOf }[described.kind] ?? textOf;
  return make(described, id);
}

function switchOf({ name }, id) {
  const element = el("input", { id, name, type: "checkbox" });
  return {
    element, value: () => String(element.checked), wrong: () => "",
    set: (preset) => { element.checked = Boolean(preset); },
  };
}

function choiceOf({ name, choices, default: preset }, id) {
  const element = el("select", { id, name }, isNone(preset) && el("option", { value: "" }, "automatic"),
    choices.map((one) => el("option", { value: one }, one)));
  return { element, value: () => element.value, set: (value) => { element.value = value ?? ""; }, wrong: () => "" };
}

function choicesOf({ name, choices, default: preset }, id) {
  const boxes = choices.map((one) => el("input", { type: "checkbox", name, value: one, id: `${id}-${one}` }));
  const element = el("div", { id, class: "boxes", role: "group", "aria-labelledby": `label-${name}` },
    boxes.map((box) => el("label", { class: "box" }, box, box.value)));
  return {
    element,
    value: () => boxes.filter((box) => box.checked).map((box) => box.value).join(","),
    set: (text) => {
      const chosen = (text ?? "").split(",");
      for (const box of boxes) box.checked = chosen.includes(box.value);
    },
    wrong: () => (isNone(preset) || boxes.some((box) => box.checked) ? "" : "Choose at least one."),
  };
}

function textOf(described, id) {
  const { name, kind, default: preset } = described, isNumber = kind === "number" || kind === "whole";
  const element = el("input", {
    id, name, type: isNumber ? "number" : "text", step: isNumber ? (kind === "whole" ? 1 : "any") : null,
    inputmode: { number: "decimal", whole: "numeric" }[kind], placeholder: isNone(preset) || preset === "" ? "automatic" : null,
    autocomplete: "off",
  });
  const value = () => element.value.trim();
  return {
    element, value, set: (text) => { element.value = text ?? ""; },
    wrong: () => (element.validity.badInput ? "This is no number." : value() && wrongText(described, value())),
  };
}

// what the service would refuse too, said as one types
function wrongText({ kind, low, high }, text) {
  const isOutside = (value) => (!isNone(low) && value < low) || (!isNone(high) && value > high);
  const range = isNone(high) ? `at least ${low}` : `from ${low} to ${high}`;
  if (kind === "number" || kind === "whole") {
    const value = Number(text);
    if (kind === "whole" && !Number.isInteger(value)) return "It must be a whole number.";
    return isOutside(value) ? `It must be ${range}.` : "";
  }
  if (kind === "numbers") {
    const values = text.split(",").map((word) => (word.trim() ? Number(word) : NaN));
    if (values.some((value) => !Number.isFinite(value))) return "Give numbers with commas between them.";
    return values.some(isOutside) ? `Each must be ${range}.` : "";
  }
  if (kind !== "days") return "";
  if (!/^\d+(-\d+)?(\s*,\s*\d+(-\d+)?)*$/.test(text)) return "Give days and spans of days, such as 1-31,172.";
  return text.match(/\d+/g).some((day) => day < 1 || day > 365) ? "Days are numbered from 1 to 365." : "";
}
