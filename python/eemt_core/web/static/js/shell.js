// What all pages have: a way out where somebody is logged in.

import { get, post } from "./api.js";
import { byId } from "./dom.js";

const button = byId("logout");
button.addEventListener("click", async () => {
  await post("/api/logout");
  location.assign("/login");
});

/** Show the button that logs out, if the service asks for a password. */
export async function showLogout() {
  const session = await get("/api/session").catch(() => null);
  button.hidden = !session?.needs_login;
}
