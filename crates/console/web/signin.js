// Signing in without a page in between; without scripts the form posts by itself.

import { bodyOf, valid } from "./actions.js";
import { call } from "./api.js";

const form = document.querySelector("[data-signin]");
const error = form.querySelector(".form-error");
const button = form.querySelector("button");

/** Only a path on this server, never another site. */
function next() {
  const wanted = new URL(form.elements.next.value || "/", location.origin);
  return wanted.origin === location.origin ? wanted.pathname + wanted.search + wanted.hash : "/";
}

async function submit() {
  error.textContent = "";
  if (!valid(form, error)) return;
  const { next: _, ...body } = bodyOf(form);
  button.setAttribute("aria-busy", "true");
  try {
    await call("POST", "/signin", body);
    location.replace(next());
  } catch (problem) {
    // Nothing is left to do with this link: the page that says so has the fields for address and password.
    if (["link", "account"].includes(problem.body?.code)) return location.replace(`/signin?failed=${problem.body.code}&next=${encodeURIComponent(next())}`);
    error.textContent = problem.message;
    button.removeAttribute("aria-busy");
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!button.getAttribute("aria-busy")) submit();
});
if (form.dataset.auto !== undefined) {
  // The link's secret does not stay in the history.
  history.replaceState(null, "", "/signin");
  submit();
}
