// What every page has.

import * as actions from "./actions.js";
import * as keys from "./keys.js";
import * as live from "./live.js";
import * as palette from "./palette.js";
import * as times from "./times.js";

function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.theme);
  } catch {
    // Then it lasts as long as the page.
  }
}

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-open], [data-theme-toggle]");
  if (target?.dataset.open === "palette") palette.show();
  if (target?.dataset.open === "help") keys.help();
  if (target?.dataset.themeToggle !== undefined) toggleTheme();
  // A menu closes when something else, or something in it, is pressed.
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target) || event.target.closest(".sheet button, .sheet a")) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

if (/Mac|iPhone|iPad/.test(navigator.platform)) for (const node of document.querySelectorAll("[data-mod-key]")) node.textContent = "⌘ K";

actions.start();
keys.start();
palette.start();
times.start();
live.start();
keys.on("Ctrl K", "Find anything (⌘ K on a Mac)", palette.show);
