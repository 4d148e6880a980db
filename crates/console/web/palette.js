// Ctrl/⌘ K: every page, project, branch and build by name.

import { call } from "./api.js";
import { open } from "./dialog.js";
import { el, icon } from "./dom.js";
import { score } from "./score.js";

const ICONS = { page: "page", project: "project", branch: "branch", build: "none", action: "play" };

function pages() {
  const org = document.body.dataset.org;
  const list = [];
  const add = (label, href, note) => list.push({ kind: "page", label, href, note });
  for (const tab of document.querySelectorAll(".tabs a")) add(tab.textContent, tab.href, document.body.dataset.project ?? "");
  if (org) {
    add("Projects", `/o/${org}/projects`, org);
    add("New project", `/o/${org}/projects/new`, org);
    add("Runners", `/o/${org}/runners`, org);
    add("Audit", `/o/${org}/audit`, org);
    add("Settings", `/o/${org}/settings`, org);
    add("API keys", `/o/${org}/keys`, org);
    add("Members", `/o/${org}/settings#members`, "settings");
  }
  add("API description", "/docs", "");
  const seen = new Set();
  return list.filter(({ href }) => {
    const path = new URL(href, location.href).href;
    return seen.has(path) ? false : seen.add(path);
  });
}

export function show() {
  if (document.getElementById("palette")) return;
  const input = el("input", { type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list", "aria-label": "Find", placeholder: "Find a page, project, branch or build", autocomplete: "off", spellcheck: "false", autofocus: true });
  const list = el("ul", { id: "palette-list", role: "listbox", "aria-label": "Found" });
  const none = el("p", { class: "soft", hidden: true, role: "status" }, "Nothing of that name.");
  const dialog = el("dialog", { id: "palette", "aria-label": "Find" }, input, list, none);
  const own = pages();
  let found = [];
  let foundFor = "";
  let shown = [];
  let at = 0;
  let asked = 0;
  let timer;

  const select = (index) => {
    at = Math.max(0, Math.min(index, shown.length - 1));
    [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === at)));
    const item = list.children[at];
    if (item) {
      input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const go = (item) => {
    if (!item) return;
    dialog.close("");
    location.assign(item.href);
  };
  const draw = () => {
    const query = input.value.trim();
    const rank = (item) => score(query, `${item.label} ${item.note ?? ""}`);
    const local = own.map((item) => ({ item, points: rank(item) }));
    // The server also knows names that are not shown, such as slugs: what it chose for this very query stays, in its order.
    const remote = found.map((item, n) => ({ item, points: rank(item) ?? (query === foundFor ? -n / 100 : null) }));
    shown = [...remote, ...local].filter(({ points }) => points !== null).sort((a, b) => b.points - a.points).slice(0, 30).map(({ item }) => item);
    list.replaceChildren(
      ...shown.map((item, n) => el("li", { id: `palette-${n}`, role: "option", on: { click: () => go(item), mousemove: () => n !== at && select(n) } }, icon(item.glyph ?? ICONS[item.kind] ?? "page"), el("span", { class: "clip" }, item.label), el("span", { class: "faint nowrap" }, item.note ?? ""))),
    );
    none.hidden = shown.length > 0;
    select(0);
  };
  const ask = async () => {
    const mine = ++asked;
    const query = new URLSearchParams({ q: input.value.trim(), org_id: document.body.dataset.orgId });
    try {
      const answer = await call("GET", `/find?${query}`);
      if (mine === asked) {
        found = answer.found;
        foundFor = query.get("q");
        draw();
      }
    } catch {
      // Pages are still found; the banner tells of a lost server.
    }
  };
  input.addEventListener("input", () => {
    draw();
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
  input.addEventListener("keydown", (event) => {
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (move) {
      event.preventDefault();
      select(at + move);
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(shown[at]);
    }
  });
  open(dialog);
  draw();
  ask();
}

export function start() {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (document.getElementById("palette")) document.getElementById("palette").close("");
      else if (!document.querySelector("dialog[open]")) show();
    }
  });
}
