// What all pages have: who is here, and what may be changed.

import { get, post } from "./api.js";
import { byId } from "./dom.js";

const button = byId("logout");
button.addEventListener("click", async () => {
  await post("/api/logout");
  location.assign("/login");
});

/** Show what this service has: a way out if it asks for a password, changes if it allows any. */
export async function showSession() {
  const session = await get("/api/session").catch(() => null);
  button.hidden = !session?.needs_login;
  byId("new-run").hidden = session?.only_reads ?? false;
  return { onlyReads: session?.only_reads ?? false };
}
