// The log of a build: tools, view, live stream, links to lines.

import { call } from "../api.js";
import { toast } from "../dialog.js";
import { copyText, el, icon } from "../dom.js";
import { on } from "../keys.js";
import * as live from "../live.js";
import { plain } from "./ansi.js";
import { regionsOf } from "./folds.js";
import { linesOf } from "./lines.js";
import { Search } from "./search.js";
import { LogStore } from "./store.js";
import { LogView } from "./view.js";

const MOST_COPIED_LINES = 20_000;
const MARKS_MS = 1500;

const remembered = (name) => {
  try {
    return localStorage.getItem(name) === "1";
  } catch {
    return false;
  }
};
const remember = (name, value) => {
  try {
    localStorage.setItem(name, value ? "1" : "0");
  } catch {
    // Then it lasts as long as the page.
  }
};

export class LogPanel {
  constructor(box) {
    this.box = box;
    this.buildId = box.dataset.build;
    this.over = box.dataset.over === "true";
    this.marks = [];
    this.errors = [];
    this.store = new LogStore({
      total: Number(box.dataset.lines),
      fetchLines: (from, limit) => call("GET", `/api/ops/builds/${this.buildId}/logs?from=${from}&limit=${limit}`),
      changed: () => this.view.update(),
    });
    this.#build();
    this.view = new LogView({ viewport: this.viewport, store: this.store, onScroll: () => this.#scrolled() });
    this.view.setWrap(remembered("log-wrap"));
    this.view.setTimed(remembered("log-times"));
    this.search = new Search({ buildId: this.buildId, input: this.input, output: this.output, view: this.view, show: (line) => this.show(line) });
    this.#listen();
    this.#keys();
  }

  #build() {
    const tool = (name, label, key, run, extra = {}) => el("button", { class: "button quiet icon slim", type: "button", "aria-label": label, title: key ? `${label} (${key})` : label, on: { click: run }, ...extra }, icon(name));
    this.input = el("input", { type: "search", placeholder: "Search the log", "aria-label": "Search the log", "aria-keyshortcuts": "/", autocomplete: "off", spellcheck: "false" });
    this.output = el("output", { "aria-live": "polite" });
    this.failure = el("button", { class: "button quiet slim", type: "button", title: "First failure (f)", hidden: true, on: { click: () => this.firstFailure() } }, icon("failed"), "First failure");
    this.next = tool("down", "Next error", "e", () => this.nextError(1), { hidden: true });
    this.timesButton = tool("clock", "Times", "t", () => this.#toggleTimes(), { "aria-pressed": "false" });
    this.wrapButton = tool("wrap", "Wrap long lines", "w", () => this.#toggleWrap(), { "aria-pressed": "false" });
    this.foldButton = tool("fold", "Fold or unfold all groups", "z", () => this.#foldAll());
    const tools = el(
      "div",
      { class: "log-tools", role: "toolbar", "aria-label": "Log" },
      el("div", { class: "log-search", role: "search" }, icon("search"), this.input, this.output, tool("up", "Previous match", "Shift Enter", () => this.search.step(-1)), tool("down", "Next match", "Enter", () => this.search.step(1))),
      el("span", { class: "push" }),
      this.failure,
      this.next,
      el("span", { class: "sep" }),
      this.foldButton,
      this.timesButton,
      this.wrapButton,
      tool("copy", "Copy lines", "c", () => this.copy()),
      el("a", { class: "button quiet slim", href: `/api/ops/builds/${this.buildId}/logs.txt` }, "Raw"),
    );
    this.viewport = el("div", { class: "log-view", tabindex: "0", role: "region", "aria-label": "Log lines" });
    this.pill = el("button", { class: "button slim pill", type: "button", hidden: true, on: { click: () => this.toNewest() } }, icon("down"), el("span", {}, "Jump to newest"));
    this.status = el("span", { role: "status" });
    this.place = el("span", { class: "push" });
    const body = el("div", { class: "log-view-wrap" }, this.viewport, el("div", { class: "log-foot" }, this.pill));
    this.box.append(tools, body, el("div", { class: "log-state" }, this.status, this.place));
    this.staticLog = this.box.querySelector("[data-static-log]");
    this.waiting = el("p", { class: "no-lines", hidden: true });
    this.viewport.append(this.waiting);
  }

  #listen() {
    this.viewport.addEventListener("click", (event) => {
      const fold = event.target.closest("[data-fold]") ?? event.target.closest(".ln.head > .tx")?.querySelector("[data-fold]");
      const number = event.target.closest(".no");
      if (number) {
        event.preventDefault();
        this.#pick(Number(number.parentNode.dataset.n), event.shiftKey);
      } else if (fold && !String(getSelection())) {
        this.view.toggle(Number(fold.dataset.fold));
        this.viewport.querySelector(`[data-fold="${fold.dataset.fold}"]`)?.focus({ preventScroll: true });
      }
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("[data-line]");
      if (!link) return;
      event.preventDefault();
      document.dispatchEvent(new CustomEvent("build:tab", { detail: "log" }));
      this.#pick(Number(link.dataset.line), false);
      this.show(Number(link.dataset.line));
    });
    addEventListener("hashchange", () => this.#fromHash());
    document.addEventListener("live:swapped", (event) => event.detail === "head" && this.#headChanged());
    this.viewport.addEventListener("wheel", (event) => event.deltaY < 0 && this.#unfollow(), { passive: true });
    this.viewport.addEventListener("keydown", (event) => {
      if (["ArrowUp", "PageUp", "Home"].includes(event.key)) this.#unfollow();
      if (event.key === "End" && !this.over) this.toNewest();
    });
  }

  /** The server has said how the build stands now. */
  #headChanged() {
    const line = document.querySelector('[data-live="head"]').dataset.firstError;
    if (line) this.box.dataset.firstError = line;
    this.#say();
  }

  #keys() {
    on("/", "Search the log", () => {
      this.input.focus();
      this.input.select();
    });
    on("f", "First failure", () => this.firstFailure());
    on("e", "Next error", () => this.nextError(1));
    on("E", "Previous error", () => this.nextError(-1));
    on("G", "Newest line", () => this.toNewest());
    on("z", "Fold or unfold all groups", () => this.#foldAll());
    on("t", "Times of lines", () => this.#toggleTimes());
    on("w", "Wrap long lines", () => this.#toggleWrap());
    on("c", "Copy the chosen lines", () => this.copy());
  }

  async start() {
    this.timesButton.setAttribute("aria-pressed", String(this.view.timed));
    this.wrapButton.setAttribute("aria-pressed", String(this.view.wrap));
    const linked = linesOf(location.hash);
    if (linked) this.store.total = Math.max(this.store.total, this.over ? 0 : linked[1]);
    await Promise.allSettled([this.#loadMarks(true), this.store.total ? this.store.load(Math.floor((Math.max(linked?.[0] ?? (this.over ? 1 : this.store.total), 1) - 1) / 500)) : null]);
    this.staticLog?.remove();
    this.view.update();
    if (linked) this.#fromHash();
    else if (this.over && this.errors.length) this.show(this.errors[0]);
    else if (!this.over) this.view.follow = true;
    this.view.draw();
    if (!this.over) this.#stream();
    this.#say();
  }

  #stream() {
    let lost = false;
    const close = live.stream(() => `/api/ops/builds/${this.buildId}/logs/stream?from=${this.nextLine ?? this.store.total + 1}`, {
      connected: () => {
        if (lost) live.soon(0);
        lost = false;
        this.#say();
      },
      disconnected: () => {
        lost = true;
        this.#say("Reconnecting…");
      },
      events: {
        lines: (event) => this.#take(JSON.parse(event.data)),
        state: () => live.soon(50),
        end: (event) => {
          close();
          this.#end(JSON.parse(event.data));
        },
      },
    });
  }

  #take(batch) {
    const before = this.store.total;
    this.store.put(batch);
    this.nextLine = Math.max(this.nextLine ?? 1, batch.first_line + batch.text.length);
    this.view.update();
    const added = this.store.total - before;
    if (!this.view.follow) this.unseen = (this.unseen ?? 0) + added;
    // Folds and errors come from the marks of the new lines.
    this.marksTimer ??= setTimeout(() => {
      this.marksTimer = undefined;
      this.#loadMarks(false);
    }, MARKS_MS);
    this.#say();
  }

  async #end({ lines }) {
    this.over = true;
    this.view.follow = false;
    if (Number.isFinite(lines)) this.store.total = Math.max(this.store.total, lines);
    clearTimeout(this.marksTimer);
    await this.#loadMarks(false);
    this.view.update();
    this.#say();
    live.soon(0);
  }

  async #loadMarks(first) {
    try {
      const { marks } = await call("GET", `/api/ops/builds/${this.buildId}/logs/marks`);
      this.marks = marks;
    } catch {
      return;
    }
    const lines = this.marks.filter(({ kind }) => kind === "error").map(({ line }) => line).sort((a, b) => a - b);
    // Neighbouring error lines are one error with a long message.
    this.errors = lines.filter((line, n) => n === 0 || line > lines[n - 1] + 1);
    const first_ = Number(this.box.dataset.firstError);
    if (first_ && !lines.includes(first_)) this.errors = [...this.errors, first_].sort((a, b) => a - b);
    this.view.rows.setTotal(this.store.total);
    this.view.rows.setRegions(regionsOf(this.marks, this.over ? this.store.total : Math.max(this.store.total, 1)));
    if (first) for (const { kind, start, end, done } of this.view.rows.regions) if (kind === "group" && done && !this.errors.some((line) => line > start && line <= end)) this.view.rows.fold(start, true);
    this.failure.hidden = !this.errors.length;
    this.next.hidden = this.errors.length < 2;
    this.foldButton.hidden = !this.view.rows.regions.length;
    this.view.update();
  }

  #say(trouble) {
    const { total } = this.store;
    const lines = `${total.toLocaleString()} ${total === 1 ? "line" : "lines"}`;
    const queued = document.body.dataset.buildStatus === "queued";
    const state = this.over ? "Complete" : queued ? "Waiting for a runner" : "Live";
    this.status.textContent = trouble ?? (total ? `${state} · ${lines}` : state);
    this.waiting.hidden = total > 0;
    this.waiting.textContent = this.over ? "This build wrote no log." : queued ? "The log appears here as soon as the build starts." : "The runner has the build; its first lines are on their way.";
    this.pill.hidden = this.over || this.view.follow || !total;
    this.pill.lastChild.textContent = this.unseen ? `Jump to newest (${this.unseen.toLocaleString()} new)` : "Jump to newest";
    this.place.textContent = this.view.picked ? (this.view.picked[0] === this.view.picked[1] ? `Line ${this.view.picked[0]}` : `Lines ${this.view.picked.join("–")}`) : "";
  }

  #scrolled() {
    if (this.over) return;
    const { scrollTop } = this.viewport;
    const up = scrollTop < (this.lastTop ?? 0) - 2;
    this.lastTop = scrollTop;
    // Lines that arrive, or a scrollbar that appears, also part the view from its end: only going up is leaving it.
    const follow = this.view.follow ? this.view.atEnd || !up : this.view.atEnd && !this.justLeft;
    if (follow === this.view.follow) return;
    if (follow) this.unseen = 0;
    this.view.follow = follow;
    this.#say();
  }

  #unfollow() {
    if (!this.view.follow) return;
    this.view.follow = false;
    // Until the reader has really left the end, being there does not mean following.
    this.justLeft = true;
    setTimeout(() => (this.justLeft = false), 400);
    this.#say();
  }

  toNewest() {
    this.unseen = 0;
    this.view.follow = !this.over;
    this.view.toEnd();
    this.#say();
  }

  show(line) {
    this.view.follow = false;
    this.view.show(line);
    this.#say();
  }

  firstFailure() {
    if (!this.errors.length) return toast("This log has no errors.");
    const first = Number(this.box.dataset.firstError) || this.errors[0];
    this.#pick(first, false);
    this.show(first);
  }

  nextError(by) {
    if (!this.errors.length) return toast("This log has no errors.");
    const at = this.view.picked?.[0] ?? this.view.firstLine;
    const next = by > 0 ? (this.errors.find((line) => line > at) ?? this.errors[0]) : (this.errors.findLast((line) => line < at) ?? this.errors[this.errors.length - 1]);
    this.#pick(next, false);
    this.show(next);
  }

  #pick(line, extend) {
    const anchor = extend && this.anchor ? this.anchor : line;
    this.anchor = anchor;
    const range = [Math.min(anchor, line), Math.max(anchor, line)];
    history.replaceState(history.state, "", range[0] === range[1] ? `#L${range[0]}` : `#L${range[0]}-L${range[1]}`);
    this.view.setPicked(range);
    this.#say();
  }

  #fromHash() {
    const range = linesOf(location.hash);
    if (!range) return;
    this.anchor = range[0];
    this.view.setPicked(range);
    this.show(range[0]);
  }

  async copy() {
    const range = this.view.picked ?? [1, this.store.total];
    if (range[1] - range[0] >= MOST_COPIED_LINES) return toast("That is a long log: choose lines by their numbers (with Shift for a range), or open Raw.", "bad");
    try {
      const lines = await this.store.range(range[0], Math.min(range[1], this.store.total));
      await copyText(lines.map(({ text }) => plain(text)).join("\n"));
      toast(`Copied ${lines.length.toLocaleString()} ${lines.length === 1 ? "line" : "lines"}`);
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  #foldAll() {
    const { rows } = this.view;
    const fold = !rows.regions.some(({ start }) => rows.folded.has(start));
    const line = this.view.firstLine;
    for (const { start } of rows.regions) rows.fold(start, fold);
    this.view.setFound(this.view.found);
    if (!this.view.follow) this.view.show(line, "start");
  }

  #toggleTimes() {
    this.view.setTimed(!this.view.timed);
    remember("log-times", this.view.timed);
    this.timesButton.setAttribute("aria-pressed", String(this.view.timed));
  }

  #toggleWrap() {
    this.view.setWrap(!this.view.wrap);
    remember("log-wrap", this.view.wrap);
    this.wrapButton.setAttribute("aria-pressed", String(this.view.wrap));
  }
}
