// Requests to the service that this page came from.

import { isNone } from "./format.js";

/** What was wrong with a request: one sentence, and the field of the form that is wrong. */
export class Problem extends Error {
  constructor(sentence, field = "", code = 0) {
    super(asSentence(sentence));
    this.field = field;
    this.code = code;
  }
}

/** Return a sentence with a capital; it may begin with the name of a file, which stays as it is. */
export const asSentence = (text) => (/^[a-z]+[ ,]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text);

/** Ask for JSON; `query` are the parameters of the address, null ones left out. */
export function get(path, query = {}, signal = undefined) {
  return asked(address(path, query), { signal });
}

/** Send a form, or nothing; return the answer. */
export function post(path, form = null, signal = undefined) {
  return asked(path, { method: "POST", body: form, signal });
}

/** Delete what has this path. */
export function remove(path) {
  return asked(path, { method: "DELETE" });
}

/** Return a path with parameters, null and empty ones left out. */
export function address(path, query = {}) {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (!isNone(value) && value !== "") words.set(name, value);
  }
  const text = words.toString();
  return text ? `${path}?${text}` : path;
}

/** Return a path of several parts, each of which may hold any character; slashes stay. */
export function path(...parts) {
  return parts.map((part) => String(part).split("/").map(encodeURIComponent).join("/")).join("/");
}

async function asked(url, options) {
  let answer;
  try {
    answer = await fetch(url, { headers: { accept: "application/json" }, ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("The service does not answer: check that eemt-web runs and try again");
  }
  const said = await answer.json().catch(() => null);
  if (answer.ok) return said;
  throw problemOf(answer.status, said);
}

function problemOf(code, said) {
  if (code === 401) toLogin();
  const sentence = typeof said?.detail === "string" ? said.detail : `The service answered with ${code}: try again`;
  return new Problem(sentence, said?.field ?? "", code);
}

function toLogin() {
  if (location.pathname === "/login") return;
  location.assign(address("/login", { next: location.pathname + location.search }));
}

/**
 * Upload files as one form, with further fields of it.
 *
 * @returns {{answer: Promise, stop: Function}} `stop` ends it; `answer` then fails with an AbortError.
 */
export function upload(url, files, onProgress, texts = {}) {
  const form = new FormData();
  for (const [name, text] of Object.entries(texts)) form.set(name, text);
  for (const file of files) form.append("file", file);
  const request = new XMLHttpRequest(); // fetch tells nothing of what was sent
  const answer = new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded, event.total));
    request.addEventListener("load", () => {
      const said = request.response;
      if (request.status >= 200 && request.status < 300) resolve(said);
      else reject(problemOf(request.status, said));
    });
    request.addEventListener("error", () => reject(new Problem(
      "The upload was cut off: the service has gone or refused the file's size, so try again")));
    request.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
  });
  request.open("POST", url);
  request.responseType = "json";
  request.setRequestHeader("accept", "application/json");
  request.send(form);
  return { answer, stop: () => request.abort() };
}
