// Words for the states of jobs and tiles.

export const ENDED = ["completed", "failed", "cancelled"];

const JOB = { pending: "Waiting", running: "Running", completed: "Completed", failed: "Failed", cancelled: "Cancelled" };
export const WORKFLOWS = { sol: "Sunlight", eemt: "Sunlight and EEMT" };

/** Return the word for a job's state. */
export const jobState = (state) => JOB[state] ?? state;

/** Show a job's state in a chip. */
export function chip(element, state) {
  element.className = `chip ${state}`;
  element.textContent = jobState(state);
}

/** Fill a bar that shows a share of 100; its colour is that of the state. */
export function bar(element, state, share) {
  element.className = `bar ${state}`;
  element.firstElementChild.style.width = `${Math.max(0, Math.min(100, share))}%`;
}

/** Colours and words of a tile's states; `colour` is a variable of the style. */
export const TILE_STATES = {
  waiting: { label: "waiting", colour: "--wait" },
  running: { label: "running", colour: "--run" },
  done: { label: "done", colour: "--done" },
  aside: { label: "given up", colour: "--fail" },
};
