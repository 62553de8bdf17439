// The page that watches runs.

import { get } from "./api.js";
import { byId } from "./dom.js";
import { follow } from "./follow.js";
import { bytes, MIB, number, whole } from "./format.js";
import { JobList } from "./job_list.js";
import { JobView } from "./job_view.js";
import { showSession } from "./shell.js";
import { showCommands } from "./workers.js";

const WIDE = matchMedia("(min-width: 62rem)");
const MACHINE_EVERY_MS = 15_000;

const view = new JobView({
  onGone: (id) => { list.forget(id); choose(null); byId("filter-text").focus(); },
  onChanged: (job) => list.merge([job]),
});
const list = new JobList((id) => choose(id, { focus: true }));

/** Show a job, and have the page's address name it. */
function choose(id, { focus = false, isNew = true } = {}) {
  if (isNew) history.pushState({}, "", id ? `/monitor?job=${id}` : "/monitor");
  list.choose(id);
  if (id) view.open(id, { focus });
}

const asked = () => new URLSearchParams(location.search).get("job");

const STATES = { live: "Live", asking: "Updated every few seconds", silent: "The service does not answer; trying again…" };

function showState(state) {
  const box = byId("link-state");
  box.className = `link-state ${state}`;
  box.textContent = STATES[state];
}

async function showMachine() {
  const machine = await get("/api/system/status").catch(() => null);
  if (machine) byId("machine").textContent = described(machine);
}

function described({ cores, load, memory_free_mb: memory, disk_free_mb: disk, refuses }) {
  return `This machine: ${whole(cores)} cores, load ${number(load, 2)}, ${bytes(memory * MIB)} of memory and ${bytes(disk * MIB)} of disk free. ${refuses}`;
}

window.addEventListener("popstate", () => {
  const id = asked();
  list.choose(id);
  if (id) view.open(id, { focus: true });
  else location.reload();
});

async function begin() {
  view.onlyReads = (await showSession()).onlyReads;
  showMachine();
  setInterval(showMachine, MACHINE_EVERY_MS);
  get("/api/worker-commands").then(showCommands).catch(() => showCommands([]));
  if (asked()) choose(asked(), { isNew: false });
  await list.reload().catch(() => {});
  // beside the list there is room for a job, below it the list comes first
  if (!asked() && list.rows.size && (view.onlyReads || WIDE.matches)) choose([...list.rows.keys()][0], { isNew: false });
  follow("/api/events", { jobs: (changed) => list.merge(changed), gone: () => list.reload() }, () => list.reload(), { onState: showState });
}

begin();
