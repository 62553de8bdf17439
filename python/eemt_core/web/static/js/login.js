// The page that asks for the password.

import { post } from "./api.js";
import { byId, say } from "./dom.js";

const form = byId("login"), password = byId("password"), problem = byId("login-problem");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  say(problem, "");
  if (!password.value) {
    say(problem, "Type the password.");
    password.focus();
    return;
  }
  try {
    const sent = new FormData(form);
    sent.set("next", new URLSearchParams(location.search).get("next") ?? "/");
    const { next } = await post("/api/login", sent);
    location.assign(next);
  } catch (error) {
    say(problem, error.message);
    password.setAttribute("aria-invalid", "true");
    password.select();
  }
});
password.addEventListener("input", () => password.removeAttribute("aria-invalid"));
password.focus();
