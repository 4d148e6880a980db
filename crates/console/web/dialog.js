// Toasts and questions.

import { copyText, el, icon } from "./dom.js";

/** Shows a message for a few seconds; a refusal stays until it is closed. */
export function toast(text, kind = "ok") {
  const list = document.getElementById("toasts");
  if (!list) return;
  const close = el("button", { class: "button quiet icon slim", type: "button", "aria-label": "Close", on: { click: () => remove() } }, icon("close"));
  const item = el("div", { class: `toast ${kind}` }, icon(kind === "bad" ? "alert" : "success"), el("span", {}, text), close);
  const remove = () => {
    item.remove();
    if (!list.children.length && list.matches(":popover-open")) list.hidePopover();
  };
  list.append(item);
  // Shown again, so that it lies above a dialog opened meanwhile.
  if (list.matches(":popover-open")) list.hidePopover();
  list.showPopover?.();
  if (kind !== "bad") setTimeout(remove, 5000);
}

/** Puts a dialog on the page that removes itself when closed; resolves with its return value. */
export function open(dialog) {
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close("");
    });
  });
}

export async function confirm(question, detail, verb) {
  const dialog = el(
    "dialog",
    { "aria-labelledby": "confirm-title" },
    el(
      "form",
      { class: "body", method: "dialog" },
      el("h2", { id: "confirm-title" }, question),
      detail ? el("p", { class: "soft" }, detail) : null,
      el("div", { class: "actions" }, el("button", { class: "button", value: "", autofocus: true }, "Keep it"), el("button", { class: "button danger solid", value: "yes" }, verb || "Yes")),
    ),
  );
  return (await open(dialog)) === "yes";
}

/** Shows a secret the one time it can be seen. */
export function showOnce(title, note, value) {
  const field = el("input", { readonly: true, "aria-label": title });
  field.value = value;
  const said = el("span", { role: "status" });
  const copy = async () => {
    field.select();
    try {
      await copyText(value);
      said.textContent = "Copied";
    } catch (error) {
      said.textContent = error.message;
    }
  };
  const dialog = el(
    "dialog",
    { "aria-labelledby": "once-title" },
    el(
      "form",
      { class: "body", method: "dialog" },
      el("h2", { id: "once-title" }, title),
      el("p", { class: "soft" }, note),
      el("div", { class: "once" }, el("div", { class: "value" }, field, el("button", { class: "button", type: "button", autofocus: true, on: { click: copy } }, icon("copy"), "Copy")), said),
      el("div", { class: "actions" }, el("button", { class: "button", value: "" }, "Done")),
    ),
  );
  return open(dialog);
}
