// Shows the few rows of a log that are in sight. However long the log is, the page holds about a hundred elements.

import { el } from "../dom.js";
import { look } from "./ansi.js";
import { Rows } from "./folds.js";
import { Heights } from "./heights.js";
import { LEVELS, PHASES } from "./store.js";

const ROW = 20;
const SPARE_ROWS = 20;
// Browsers stop at some 33 million pixels; a longer log scrolls in proportion.
const TALLEST = 16_000_000;

export class LogView {
  #nodes = new Map();
  #frame = 0;
  #anchored = false;

  constructor({ viewport, store, onScroll }) {
    this.viewport = viewport;
    this.store = store;
    this.onScroll = onScroll;
    this.rows = new Rows();
    this.heights = new Heights(ROW);
    this.space = el("div", { class: "log-space" });
    this.list = el("div", { class: "log-rows" });
    this.space.append(this.list);
    viewport.append(this.space);
    this.wrap = false;
    this.timed = false;
    this.follow = false;
    this.picked = null;
    this.found = null;
    this.startedAt = 0;
    viewport.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => {
      if (this.wrap) this.heights.clear();
      this.#redrawAll();
    }).observe(viewport);
  }

  get #real() {
    return this.wrap ? this.heights.top(this.rows, this.rows.count) : this.rows.count * ROW;
  }

  /** Pixels of log for a pixel of scrolling. */
  get #scale() {
    const room = this.viewport.clientHeight;
    const real = this.#real;
    return real <= TALLEST ? 1 : (real - room) / (TALLEST - room);
  }

  #top(row) {
    return this.wrap ? this.heights.top(this.rows, row) : row * ROW;
  }

  #rowAt(y) {
    const row = this.wrap ? this.heights.rowAt(this.rows, y) : Math.floor(y / ROW);
    return Math.max(0, Math.min(row, this.rows.count - 1));
  }

  get atEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.viewport;
    return scrollTop + clientHeight >= scrollHeight - 6;
  }

  get firstLine() {
    return this.rows.count ? this.rows.lineOf(this.#rowAt(this.viewport.scrollTop * this.#scale)) : 1;
  }

  #scrolled() {
    this.onScroll();
    this.schedule();
  }

  /** Draws once before the next frame. */
  schedule() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.draw();
    });
  }

  /** More lines, or other regions. */
  update() {
    this.rows.setTotal(this.store.total);
    this.schedule();
  }

  #redrawAll() {
    this.#nodes.clear();
    this.schedule();
  }

  setWrap(wrap) {
    const line = this.firstLine;
    this.wrap = wrap;
    this.heights.clear();
    this.viewport.classList.toggle("wrapped", wrap);
    this.#redrawAll();
    if (!this.follow) this.show(line, "start");
  }

  setTimed(timed) {
    this.timed = timed;
    this.viewport.classList.toggle("timed", timed);
    this.#redrawAll();
  }

  setPicked(range) {
    this.picked = range;
    this.#redrawAll();
  }

  setFound(line) {
    this.found = line;
    this.#redrawAll();
  }

  toggle(start) {
    this.rows.fold(start, !this.rows.folded.has(start));
    this.#redrawAll();
  }

  /** Scrolls to a line, unfolding what hides it. */
  show(line, block = "center") {
    this.rows.setTotal(this.store.total);
    if (this.rows.reveal(line)) this.#nodes.clear();
    const row = this.rows.rowOf(Math.min(Math.max(line, 1), Math.max(this.rows.total, 1)));
    this.#size();
    const room = this.viewport.clientHeight;
    const top = this.#top(row) - (block === "center" ? room / 2 - ROW : 0);
    this.viewport.scrollTop = Math.max(0, top) / this.#scale;
    this.#anchored = block === "center" ? line : false;
    this.draw();
  }

  toEnd() {
    this.#size();
    this.viewport.scrollTop = this.viewport.scrollHeight;
    this.draw();
  }

  #size() {
    const height = `${Math.min(this.#real, TALLEST)}px`;
    if (this.space.style.height !== height) this.space.style.height = height;
  }

  draw() {
    this.rows.setTotal(this.store.total);
    this.#size();
    if (this.follow) this.viewport.scrollTop = this.viewport.scrollHeight;
    const { count } = this.rows;
    if (!count) {
      this.list.replaceChildren();
      return;
    }
    const scale = this.#scale;
    const y = this.viewport.scrollTop * scale;
    const first = Math.max(0, this.#rowAt(y) - SPARE_ROWS);
    const last = Math.min(count - 1, this.#rowAt(y + this.viewport.clientHeight) + SPARE_ROWS);
    const nodes = new Map();
    for (let row = first; row <= last; row += 1) {
      const line = this.rows.lineOf(row);
      nodes.set(line, this.#node(line));
    }
    this.#place([...nodes.values()]);
    this.#nodes = nodes;
    this.list.style.transform = `translateY(${this.#top(first) - y + this.viewport.scrollTop}px)`;
    if (this.wrap) this.#measure(y);
    this.onDraw?.();
  }

  /** Puts the rows in order while touching only those that change, so that a text selection stays. */
  #place(wanted) {
    const keep = new Set(wanted);
    for (const child of [...this.list.children]) if (!keep.has(child)) child.remove();
    let at = this.list.firstChild;
    for (const node of wanted) {
      if (node === at) at = at.nextSibling;
      else this.list.insertBefore(node, at);
    }
  }

  #measure(y) {
    let before = 0;
    let changed = false;
    const firstSeen = this.rows.lineOf(this.#rowAt(y));
    for (const [line, node] of this.#nodes) {
      const change = this.heights.set(line, node.offsetHeight);
      if (!change) continue;
      changed = true;
      if (line < firstSeen) before += change;
    }
    if (!changed) return;
    // What is looked at stays where it is while lines above it turn out taller.
    this.#size();
    if (this.follow) this.viewport.scrollTop = this.viewport.scrollHeight;
    else if (this.#anchored) {
      const line = this.#anchored;
      this.#anchored = false;
      this.viewport.scrollTop = Math.max(0, this.#top(this.rows.rowOf(line)) - this.viewport.clientHeight / 2 + ROW) / this.#scale;
    } else if (before) this.viewport.scrollTop += before / this.#scale;
    this.schedule();
  }

  #node(line) {
    const region = this.rows.byStart.get(line);
    const known = this.#nodes.get(line);
    const here = this.store.get(line);
    const version = `${here ? 1 : 0}${region ? `${region.kind}${this.rows.folded.has(line)}${region.done}` : ""}`;
    if (known?.dataset.version === version) return known;
    const node = el("div", { class: this.#classes(line, here, region), "data-n": line, "data-version": version });
    node.append(el("a", { class: "no", href: `#L${line}`, tabindex: "-1" }, String(line)));
    if (this.timed) node.append(el("span", { class: "at" }, here ? clock(here.ts) : ""));
    const text = el("span", { class: "tx" });
    if (region) this.#heading(text, line, region);
    else if (here) text.append(...this.#runs(line));
    node.append(text);
    return node;
  }

  #classes(line, here, region) {
    const classes = ["ln"];
    if (!here) classes.push("wait");
    else {
      const level = LEVELS[(here.kind >> 3) & 3];
      if (level !== "info") classes.push(level);
      else if (PHASES[here.kind & 7] === "system" && !region) classes.push("system");
    }
    if (region) classes.push("head", region.kind);
    const depth = Math.min(this.rows.depth(line), 3);
    if (depth) classes.push(`in-${depth}`);
    if (this.picked && line >= this.picked[0] && line <= this.picked[1]) classes.push("picked");
    if (line === this.found) classes.push("found");
    return classes.join(" ");
  }

  #runs(line) {
    return (this.store.pieces(line) ?? []).map(({ text, style, href }) => {
      const { className, ink, paper } = look(style);
      if (!className && !href) return document.createTextNode(text);
      const node = href ? el("a", { href, rel: "noreferrer nofollow", target: "_blank" }, text) : el("span", {}, text);
      if (className) node.className = className;
      // The content security policy refuses style attributes; the CSSOM is not one.
      if (ink) node.style.setProperty("--ink", ink);
      if (paper) node.style.setProperty("--paper", paper);
      return node;
    });
  }

  #heading(text, line, region) {
    const folded = this.rows.folded.has(line);
    const label = region.label || (this.store.pieces(line) ?? []).map((piece) => piece.text).join("");
    const end = region.done === false ? this.rows.total : region.end;
    const lines = end - region.start;
    text.append(el("button", { class: "fold", type: "button", "data-fold": line, "aria-expanded": String(!folded), "aria-label": `${folded ? "Unfold" : "Fold"} ${label}` }, folded ? "▸" : "▾"), label);
    if (folded && lines > 0) text.append(el("span", { class: "hid" }, `${lines.toLocaleString()} ${lines === 1 ? "line" : "lines"}`));
  }
}

function clock(ms) {
  const at = new Date(ms);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
