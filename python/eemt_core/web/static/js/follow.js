// Events of the service as they come; where a browser or a proxy lets none through, by asking.

const AGAIN_MS = 8_000;

/**
 * Follow a stream of events until the returned function is called.
 *
 * @param {string} url the stream
 * @param {object} listeners by the name of an event, called with its data
 * @param {Function} ask asks for the same by requests; called while there is no stream
 * @param {object} options `everyMs` between two requests; `onState` hears "live", "asking", or "silent" where nobody answers
 */
export function follow(url, listeners, ask, { everyMs = 3000, onState = () => {} } = {}) {
  let source = null, asking = 0, again = 0, over = false, busy = false;

  async function askOnce() {
    if (busy || over) return;
    busy = true;
    try {
      await ask();
      if (asking) onState("asking");
    } catch {
      if (asking) onState("silent"); // the next may succeed
    } finally { busy = false; }
  }
  function beginAsking() {
    if (asking || over) return;
    asking = setInterval(askOnce, everyMs);
    askOnce();
  }
  function endAsking() {
    clearInterval(asking);
    asking = 0;
  }
  function connect() {
    if (over || document.hidden) return;
    const stream = new EventSource(url);
    source = stream;
    stream.addEventListener("open", () => { endAsking(); onState("live"); });
    stream.addEventListener("error", () => {
      if (source !== stream) return;
      beginAsking();
      if (stream.readyState !== EventSource.CLOSED) return; // the browser connects again by itself
      clearTimeout(again);
      again = setTimeout(connect, AGAIN_MS);
    });
    for (const [name, hear] of Object.entries(listeners)) {
      stream.addEventListener(name, (event) => { if (!over) hear(JSON.parse(event.data)); });
    }
  }
  function disconnect() {
    endAsking();
    clearTimeout(again);
    source?.close();
    source = null;
  }
  // a browser has six connections to a service for all of its tabs together
  function look() {
    if (document.hidden) disconnect();
    else if (!source) connect();
  }
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", look);
  connect();
  return () => {
    over = true;
    for (const [target, kind, hear] of [[document, "visibilitychange", look], [window, "pagehide", disconnect], [window, "pageshow", look]]) {
      target.removeEventListener(kind, hear);
    }
    disconnect();
  };
}

/** Return a function that calls `act` at once, but not again before `ms` have passed; the last call counts. */
export function atMostEvery(ms, act) {
  let last = -Infinity, timer = 0;
  return () => {
    const wait = last + ms - performance.now();
    if (timer) return;
    if (wait > 0) {
      timer = setTimeout(() => { timer = 0; last = performance.now(); act(); }, wait);
    } else {
      last = performance.now();
      act();
    }
  };
}
