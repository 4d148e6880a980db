// Buttons and forms that change something, declared in the markup:
// data-copy = selector of what to copy,
// data-post / data-delete / data-patch = path, data-confirm = question, data-then = page to open, data-said = toast.

import { call } from "./api.js";
import { confirm, showOnce, toast } from "./dialog.js";
import { copyText } from "./dom.js";
import { refresh } from "./live.js";

/** Answers that are shown one time only, by the name they have in the answer. */
const ONCE = { link: "Invite link", secret: "Webhook secret", token: "API token" };

/** Fills `{name}` in a path from the answer. */
function fill(path, answer) {
  return path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(answer?.[name] ?? ""));
}

async function finish(node, answer) {
  const { then, said, once, onceNote } = node.dataset;
  if (once) await showOnce(ONCE[once], onceNote ?? "", answer[once]);
  if (then) {
    location.assign(fill(then, answer));
    return;
  }
  if (said) toast(said);
  await refresh();
}

async function press(button) {
  const { post, confirm: question, confirmDetail, confirmDo, body } = button.dataset;
  if (question && !(await confirm(question, confirmDetail, confirmDo))) return;
  button.setAttribute("aria-busy", "true");
  try {
    const answer = post ? await call("POST", post, body ? JSON.parse(body) : {}) : await call("DELETE", button.dataset.delete);
    button.removeAttribute("aria-busy");
    await finish(button, answer);
  } catch (error) {
    toast(error.message, "bad");
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function valueOf(field) {
  if (field.dataset.number !== undefined) return field.value === "" ? undefined : Number(field.value);
  return field.value;
}

export function bodyOf(form) {
  const body = {};
  for (const field of form.elements) {
    if (!field.name || field.dataset.skip !== undefined) continue;
    if (field.dataset.list !== undefined) {
      body[field.name] ??= [];
      if (field.checked) body[field.name].push(field.value);
    } else if (field.value !== "") {
      const value = valueOf(field);
      if (value !== undefined) body[field.name] = value;
    }
  }
  return body;
}

/** Says at the field what is wrong with it; answers whether all is well. */
export function valid(form, error) {
  let first = null;
  for (const field of form.elements) {
    if (!field.willValidate) continue;
    const wrong = !field.checkValidity();
    if (wrong) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    if (wrong) first ??= field;
  }
  if (!first) return true;
  const label = form.querySelector(`label[for="${CSS.escape(first.id)}"]`)?.textContent ?? first.name;
  error.textContent = `${label}: ${first.validationMessage}`;
  first.focus();
  return false;
}

async function submit(form) {
  const error = form.querySelector(".form-error");
  const button = form.querySelector("button:not([type=button])");
  error.textContent = "";
  if (!valid(form, error)) return;
  const [method, path] = form.dataset.api.split(" ");
  const body = bodyOf(form);
  const target = path.replace(/\{(\w+)\}/g, (_, name) => {
    const value = body[name];
    delete body[name];
    return encodeURIComponent(value);
  });
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await call(method, target, body);
    form.reset();
    button.removeAttribute("aria-busy");
    document.activeElement?.blur();
    await finish(form, answer);
  } catch (problem) {
    error.textContent = problem.message;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

async function choose(select) {
  try {
    await call("PATCH", select.dataset.patch, { [select.name]: select.value });
    select.blur();
    if (select.dataset.said) toast(select.dataset.said);
  } catch (error) {
    toast(error.message, "bad");
    select.blur();
  }
  await refresh();
}

/** The last part of a repository's address, without `.git`: a good first guess at a name. */
export function nameFrom(address) {
  return address.trim().replace(/[/\\]+$/, "").split(/[/\\:]/).pop().replace(/\.git$/, "");
}

async function copy(button) {
  try {
    await copyText(document.querySelector(button.dataset.copy).textContent);
    toast("Copied");
  } catch (error) {
    toast(error.message, "bad");
  }
}

export function start() {
  document.addEventListener("click", (event) => {
    const copied = event.target.closest?.("[data-copy]");
    if (copied) copy(copied);
    const button = event.target.closest?.("[data-post], [data-delete]");
    if (!button || button.getAttribute("aria-busy") || button.disabled) return;
    event.preventDefault();
    press(button);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.dataset.api) return;
    event.preventDefault();
    submit(event.target);
  });
  document.addEventListener("change", (event) => {
    if (event.target.dataset.patch) choose(event.target);
    const filters = event.target.closest("form[data-filters]");
    if (filters && event.target.matches("select")) filters.requestSubmit();
  });
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches("form[data-filters]")) return;
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
  for (const button of document.querySelectorAll("[data-filters] [data-no-script]")) button.hidden = true;
  for (const node of document.querySelectorAll("[data-origin]")) node.textContent = location.origin;
  for (const field of document.querySelectorAll("[data-from]")) {
    const source = field.form.elements[field.dataset.from];
    source.addEventListener("input", () => {
      if (!field.dataset.touched) field.value = nameFrom(source.value);
    });
    field.addEventListener("input", () => {
      field.dataset.touched = field.value ? "1" : "";
    });
  }
}
