// Finding text in the whole log: the server searches, this walks through what it found and marks it in sight.

import { call } from "../api.js";

const LIMIT = 5000;

export class Search {
  constructor({ buildId, input, output, view, show }) {
    Object.assign(this, { buildId, input, output, view, show });
    this.lines = [];
    this.at = -1;
    this.query = "";
    this.asked = 0;
    input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.run(), 200);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        this.step(event.shiftKey ? -1 : 1);
      } else if (event.key === "Escape") {
        input.value = "";
        this.run();
        view.viewport.focus();
      }
    });
    view.onDraw = () => this.highlight();
  }

  async run() {
    clearTimeout(this.timer);
    const query = this.input.value;
    const mine = ++this.asked;
    this.query = query.trim() ? query : "";
    this.lines = [];
    this.at = -1;
    this.view.setFound(null);
    if (!this.query) {
      this.say("");
      return;
    }
    try {
      const answer = await call("GET", `/api/ops/builds/${this.buildId}/logs/search?${new URLSearchParams({ q: this.query, limit: LIMIT })}`);
      if (mine !== this.asked) return;
      this.lines = answer.lines.map((hit) => (typeof hit === "number" ? hit : hit.line)).sort((a, b) => a - b);
      if (!this.lines.length) return this.say("None");
      const from = this.view.firstLine;
      const next = this.lines.findIndex((line) => line >= from);
      this.go(next < 0 ? 0 : next);
    } catch (error) {
      if (mine === this.asked) this.say(error.message);
    }
  }

  async step(by) {
    if (this.input.value.trim() && (this.input.value !== this.query || !this.lines.length)) return this.run();
    if (this.lines.length) this.go((this.at + by + this.lines.length) % this.lines.length);
  }

  go(index) {
    this.at = index;
    const more = this.lines.length >= LIMIT ? "+" : "";
    this.say(`${index + 1} of ${this.lines.length}${more}`);
    this.show(this.lines[index]);
    this.view.setFound(this.lines[index]);
  }

  say(text) {
    this.output.textContent = text;
  }

  /** Marks what is in sight by the CSS Custom Highlight API: no element is added to the log. */
  highlight() {
    if (!globalThis.CSS?.highlights || !globalThis.Highlight) return;
    CSS.highlights.delete("log-search");
    if (!this.query) return;
    const needle = this.query.toLowerCase();
    const ranges = [];
    for (const text of this.view.list.querySelectorAll(".tx")) collect(text, needle, ranges);
    if (ranges.length) CSS.highlights.set("log-search", new Highlight(...ranges));
  }
}

/** Ranges of `needle` in an element, across the coloured pieces it is made of. */
function collect(element, needle, ranges) {
  const hay = element.textContent.toLowerCase();
  if (!hay.includes(needle)) return;
  const nodes = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(), at = 0; node; node = walker.nextNode()) {
    nodes.push({ node, at, end: at + node.length });
    at += node.length;
  }
  const place = (offset, isEnd) => {
    const hit = nodes.find(({ at, end }) => (isEnd ? offset > at && offset <= end : offset >= at && offset < end));
    return hit && [hit.node, offset - hit.at];
  };
  for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, at + needle.length)) {
    const from = place(at, false);
    const to = place(at + needle.length, true);
    if (!from || !to) continue;
    const range = new Range();
    range.setStart(...from);
    range.setEnd(...to);
    ranges.push(range);
  }
}
