// Elements of the page. All text goes in as text, never as HTML: names of files, hosts and
// projects come from strangers.

import { isNone } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";

/** Return the element with this id. */
export const byId = (id) => document.getElementById(id);

/** Make an element; `properties` may have `class`, `on` (listeners), `data`, any other attribute. */
export function el(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

/** Make an element of SVG. */
export function svg(tag, properties = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), properties, children);
}

function filled(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (isNone(value) || value === false) continue;
    if (name === "on") for (const [kind, listen] of Object.entries(value)) element.addEventListener(kind, listen);
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...shown(children));
  return element;
}

/** Replace what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...shown(children));
}

// what a condition left out is none or false
const shown = (children) => children.flat().filter((child) => !isNone(child) && child !== false);

/** Show a sentence in an element that is hidden while there is none. */
export function say(element, sentence) {
  element.textContent = sentence;
  element.hidden = !sentence;
}

/** Have a screen reader say a sentence, wherever the reader is. */
export function announce(sentence) {
  const box = byId("announcer");
  box.textContent = "";
  setTimeout(() => { box.textContent = sentence; }, 50);
}

/** Return pairs of a term and its description for a `dl`; pairs without a description are left out. */
export function terms(pairs) {
  return pairs
    .filter(([, value]) => !isNone(value) && value !== "")
    .map(([term, value]) => el("div", { class: "pair" }, el("dt", {}, term), el("dd", {}, ...[value].flat())));
}

/** Return a bar that shows a share of 100 to the eye; words beside it say the same. */
export function shareBar(share, kind = "") {
  const inner = el("div");
  inner.style.width = `${share.toFixed(1)}%`;
  return el("div", { class: `bar ${kind}`, "aria-hidden": "true" }, inner);
}

/** Return a row with a text and a button that copies it. */
export function copyRow(text, what) {
  const button = el("button", { type: "button", class: "button small", "aria-label": `Copy ${what}` }, "Copy");
  button.addEventListener("click", async () => {
    const done = await copied(text);
    button.textContent = done ? "Copied" : "Select it";
    announce(done ? `${what} copied` : "The browser does not allow it: select the text");
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  return el("div", { class: "copy" }, el("code", {}, text), button);
}

// without TLS, browsers have no clipboard for pages of other machines than this one
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el("textarea", { class: "unseen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** Return a function that calls `act` once it was not called for `wait` milliseconds. */
export function settled(act, wait) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), wait);
  };
}

/** Ask a question that `yes` answers; return whether it was. */
export function sure(question, yes) {
  const dialog = byId("sure");
  byId("sure-question").textContent = question;
  byId("sure-yes").textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
