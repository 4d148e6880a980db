// Branches between lanes: by drag, by keys ([ and ]), by menu. The database decides; its refusal is shown at the branch.

import { call } from "./api.js";
import { refresh } from "./live.js";
import { refusal } from "./stages.js";

const ORDER = ["production", "staging", "development"];
const TITLES = { production: "Production", staging: "Staging", development: "Development" };
const said = Object.assign(document.createElement("p"), { className: "visually-hidden" });
said.setAttribute("role", "status");
document.body.append(said);

const cardOf = (node) => node?.closest?.("[data-branch]") ?? null;
const laneOf = (stage) => document.querySelector(`.lane[data-stage="${stage}"]`);

function refuse(card, words) {
  card.querySelector(".refusal").textContent = words;
  card.querySelector("a.name").focus();
}

async function move(card, to) {
  const { branch, name, stage } = card.dataset;
  if (stage === to) return;
  for (const node of document.querySelectorAll(".branch .refusal")) node.textContent = "";
  const words = refusal(name, stage, to);
  if (words) return refuse(card, words);
  card.setAttribute("aria-busy", "true");
  try {
    await call("POST", `/api/ops/branches/${branch}/stage`, { stage: to });
    card.removeAttribute("aria-busy");
    // Moved at once; the refresh brings the server's order and counts.
    laneOf(to)?.append(card);
    card.dataset.stage = to;
    document.activeElement?.blur();
    await refresh();
    const moved = document.querySelector(`[data-branch="${branch}"]`);
    moved?.classList.add("moved");
    moved?.querySelector("a.name").focus();
    said.textContent = `${name} is in ${TITLES[to]} now.`;
  } catch (error) {
    card.removeAttribute("aria-busy");
    refuse(card, error.message);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-move-to]");
  if (button) move(cardOf(button), button.dataset.moveTo);
});

document.addEventListener("keydown", (event) => {
  if (!["[", "]"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
  const card = cardOf(document.activeElement);
  if (!card) return;
  event.preventDefault();
  const to = ORDER[ORDER.indexOf(card.dataset.stage) + (event.key === "[" ? -1 : 1)];
  if (to) move(card, to);
});

let dragged = null;
const clear = () => {
  for (const lane of document.querySelectorAll(".lane.over, .lane.refuses")) lane.classList.remove("over", "refuses");
};

document.addEventListener("dragstart", (event) => {
  dragged = cardOf(event.target);
  if (!dragged) return;
  dragged.classList.add("dragging");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.name);
});
document.addEventListener("dragover", (event) => {
  const lane = event.target.closest?.(".lane");
  if (!dragged || !lane) return;
  event.preventDefault();
  clear();
  if (lane.dataset.stage !== dragged.dataset.stage) lane.classList.add(refusal("", dragged.dataset.stage, lane.dataset.stage) ? "refuses" : "over");
});
document.addEventListener("drop", (event) => {
  const lane = event.target.closest?.(".lane");
  if (!dragged || !lane) return;
  event.preventDefault();
  const card = dragged;
  card.classList.remove("dragging");
  dragged = null;
  clear();
  move(card, lane.dataset.stage);
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragging");
  dragged = null;
  clear();
});
