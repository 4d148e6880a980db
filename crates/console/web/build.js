// The page of one build: tabs, the log, and a title that tells how it stands.

import { on } from "./keys.js";
import { LogPanel } from "./log/panel.js";

const tabs = [...document.querySelectorAll('.views [role="tab"]')];
const panels = tabs.map((tab) => document.getElementById(tab.getAttribute("aria-controls")));

function open(index, focus = false) {
  tabs.forEach((tab, n) => {
    tab.setAttribute("aria-selected", String(n === index));
    tab.tabIndex = n === index ? 0 : -1;
    panels[n].hidden = n !== index;
  });
  if (focus) tabs[index].focus();
}

function fromHash() {
  const index = panels.findIndex(({ id }) => `#${id}` === location.hash);
  if (index >= 0 || /^#L\d/.test(location.hash)) open(Math.max(index, 0));
}

tabs.forEach((tab, n) => {
  tab.addEventListener("click", (event) => {
    event.preventDefault();
    history.replaceState(history.state, "", `#${panels[n].id}`);
    open(n);
  });
  tab.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    open((n + by + tabs.length) % tabs.length, true);
  });
  on(String(n + 1), `Open ${panels[n].id}`, () => open(n));
});
document.addEventListener("build:tab", (event) => open(panels.findIndex(({ id }) => id === event.detail)));
addEventListener("hashchange", fromHash);
open(0);
fromHash();

const title = document.title;
function showState() {
  const head = document.querySelector('[data-live="head"]');
  document.body.dataset.buildStatus = head.dataset.status;
  const sign = { success: "✓", failed: "✗", running: "●", queued: "○", cancelled: "⊘" }[head.dataset.status];
  document.title = `${sign} ${title}`;
}
showState();
document.addEventListener("live:swapped", (event) => event.detail === "head" && showState());

const panel = new LogPanel(document.getElementById("log-box"));
panel.start();
