// The page that asks for a run.

import { address, get, post } from "./api.js";
import { Climate } from "./climate.js";
import { Dem } from "./dem.js";
import { byId, say, settled } from "./dom.js";
import { EstimatePanel } from "./estimate.js";
import { Parameters } from "./parameters.js";
import { layOver } from "./rasters.js";
import { showSession } from "./shell.js";

const form = byId("form"), button = byId("submit"), problem = byId("form-problem");
const dem = new Dem(demChanged), climate = new Climate(changed), estimate = new EstimatePanel(blame);
let parameters = null;
layOver(() => dem.facts?.filename ?? "");
const estimateSoon = settled(() => { if (!missing()) estimate.ask(filledForm()); }, 400);

const workflow = () => form.elements.workflow_type.value;

/** Return the form as it is sent. */
function filledForm() {
  const sent = new FormData();
  sent.set("workflow_type", workflow());
  if (dem.facts) sent.set("uploaded_filename", dem.facts.filename);
  if (workflow() === "eemt" && climate.value) sent.set("climate", climate.value);
  parameters?.into(sent);
  return sent;
}

/** Return why the run cannot start, empty if it can. */
function missing() {
  if (!dem.facts) return "An elevation model is missing.";
  if (workflow() === "eemt" && !climate.value) return "A climate is missing.";
  const wrong = parameters?.wrong();
  if (wrong) return `${wrong.described.label}: ${wrong.problem.textContent}`;
  const asked = parameters?.field(dem.facts.asks);
  if (asked && !asked.value) return `The file does not say its ${asked.described.label.toLowerCase()}: choose it under Parameters.`;
  return "";
}

function demChanged() {
  if (dem.facts?.asks) parameters?.bringForward(dem.facts.asks);
  changed();
}

function changed() {
  parameters?.choose(workflow(), climate.isGrid);
  say(problem, "");
  const why = missing();
  say(byId("submit-why"), why);
  button.disabled = Boolean(why);
  if (why) estimate.empty(dem.facts ? "As soon as all is there, this says what the run will take." : "Choose an elevation model, and this says how long the run will take and how much memory and disk.");
  else estimateSoon();
}

/** Show a problem where it belongs; return whether it has a place of its own. */
function blame(error) {
  if (error.field === "climate") climate.blame(error.message);
  else if (["dem", "uploaded_filename", "dem_file"].includes(error.field)) dem.blame(error.message);
  else if (!parameters?.blame(error.field, error.message)) return false;
  estimate.empty("Correct what is marked, and this says what the run will take.");
  return true;
}

async function submit(sent, pressed) {
  pressed.disabled = true;
  say(problem, "");
  try {
    const { job_id: id } = await post("/api/submit-job", sent);
    location.assign(address("/monitor", { job: id }));
  } catch (error) {
    pressed.disabled = false;
    const place = parameters?.field(error.field);
    if (blame(error)) place?.focus();
    else {
      say(problem, error.message);
      problem.focus();
    }
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!missing()) submit(filledForm(), button);
});
byId("demo-run").addEventListener("click", (event) => {
  const sent = new FormData();
  sent.set("workflow_type", "eemt");
  sent.set("climate", "demo");
  submit(sent, event.currentTarget);
});
byId("defaults").addEventListener("click", () => { parameters?.reset(); changed(); });
for (const choice of form.elements.workflow_type) {
  choice.addEventListener("change", () => {
    showWorkflow();
    changed();
  });
}

function showWorkflow() {
  const isEemt = workflow() === "eemt";
  climate.part.hidden = byId("more-eemt").hidden = !isEemt;
  if (isEemt) climate.offer();
}

async function begin() {
  showSession();
  showWorkflow(); // a browser may restore what was chosen
  try {
    parameters = new Parameters(await get("/api/parameters"), byId("parameters"), byId("more-parameters"), byId("more-eemt-parameters"), changed);
    byId("more").hidden = false;
    showWorkflow();
    changed();
  } catch (error) {
    changed();
    say(problem, error.message);
  }
}

begin();
