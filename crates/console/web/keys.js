// Keyboard shortcuts, and the list of them behind `?`.

import { el, isTyping } from "./dom.js";
import { open } from "./dialog.js";

const shortcuts = [];
let pending = "";
let pendingTimer;

/** `keys` is one key ("e") or two in a row ("g p"). */
export function on(keys, words, run) {
  shortcuts.push({ keys, words, run });
}

export function help() {
  const rows = shortcuts.flatMap(({ keys, words }) => [el("dt", {}, ...keys.split(" ").flatMap((key) => [el("kbd", {}, key), " "])), el("dd", {}, words)]);
  const dialog = el(
    "dialog",
    { "aria-labelledby": "help-title" },
    el("form", { class: "body", method: "dialog" }, el("h2", { id: "help-title" }, "Keyboard shortcuts"), el("dl", { class: "keys" }, ...rows), el("div", { class: "actions" }, el("button", { class: "button", autofocus: true }, "Close"))),
  );
  open(dialog);
}

function press(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const typed = pending ? `${pending} ${event.key}` : event.key;
  const hit = shortcuts.find(({ keys }) => keys === typed) ?? shortcuts.find(({ keys }) => keys === event.key);
  clearTimeout(pendingTimer);
  pending = "";
  if (hit) {
    event.preventDefault();
    hit.run();
  } else if (shortcuts.some(({ keys }) => keys.startsWith(`${event.key} `))) {
    pending = event.key;
    pendingTimer = setTimeout(() => (pending = ""), 1200);
  }
}

export function start() {
  const tab = (label) => document.querySelector(`.tabs a[href$="/${label}"]`)?.href;
  const org = document.body.dataset.org;
  const go = (href) => href && location.assign(href);
  on("?", "This list", help);
  if (org) {
    on("g p", "Go to projects", () => go(`/o/${org}/projects`));
    on("g r", "Go to runners", () => go(`/o/${org}/runners`));
    on("g a", "Go to audit", () => go(`/o/${org}/audit`));
    on("g s", "Go to settings", () => go(`/o/${org}/settings`));
  }
  if (tab("builds")) on("g b", "Go to this project's builds", () => go(tab("builds")));
  for (const node of document.querySelectorAll("[data-key]")) {
    on(node.dataset.key, node.textContent.trim(), () => document.querySelector(`[data-key="${node.dataset.key}"]`)?.click());
  }
  document.addEventListener("keydown", press);
}
