// Steps and groups of a log as regions that can be folded; which lines are hidden, and the way between lines and rows.

/** Regions `{start, end, kind, label, depth}` from marks; `end` is the last line inside, `total` where none is known. */
export function regionsOf(marks, total) {
  const sorted = marks.filter(({ kind }) => kind === "step" || kind === "group" || kind === "group_end").sort((a, b) => a.line - b.line);
  const regions = [];
  const open = [];
  let step;
  const close = (region, end, done) => {
    region.end = Math.max(end, region.start);
    region.done = done;
  };
  for (const mark of sorted) {
    if (mark.kind === "group_end") {
      const group = open.pop();
      if (group) close(group, mark.line, true);
    } else if (mark.kind === "group") {
      const group = { start: mark.line, end: total, kind: "group", label: mark.label, depth: open.length };
      open.push(group);
      regions.push(group);
    } else {
      for (const group of open.splice(0)) close(group, mark.line - 1, true);
      if (step) close(step, mark.line - 1, true);
      step = { start: mark.line, end: total, kind: "step", label: mark.label, depth: 0 };
      regions.push(step);
    }
  }
  for (const group of open) close(group, total, false);
  if (step) close(step, total, false);
  return regions;
}

export class Rows {
  #hidden = [];
  #depths = [];
  constructor() {
    this.total = 0;
    this.regions = [];
    this.byStart = new Map();
    this.folded = new Set();
    this.extra = null;
  }

  setRegions(regions) {
    this.regions = regions;
    this.byStart = new Map(regions.map((region) => [region.start, region]));
    const edges = [];
    for (const { kind, start, end } of regions) if (kind === "group") edges.push([start + 1, 1], [end + 1, -1]);
    edges.sort((a, b) => a[0] - b[0]);
    let depth = 0;
    this.#depths = edges.map(([line, change]) => [line, (depth += change)]);
    this.#layOut();
  }

  setTotal(total) {
    if (total === this.total) return;
    this.total = total;
    this.#layOut();
  }

  fold(start, folded) {
    if (folded) this.folded.add(start);
    else this.folded.delete(start);
    this.#layOut();
  }

  /** Unfolds whatever hides `line`; answers whether something did. */
  reveal(line) {
    const hiding = this.regions.filter(({ start, end }) => this.folded.has(start) && start < line && line <= this.#endOf(start, end));
    for (const { start } of hiding) this.folded.delete(start);
    if (hiding.length) this.#layOut();
    return hiding.length > 0;
  }

  #endOf(start, end) {
    const region = this.byStart.get(start);
    return region && region.done === false ? this.total : end;
  }

  #layOut() {
    const ranges = this.regions.filter(({ start, end }) => this.folded.has(start) && this.#endOf(start, end) > start).map(({ start, end }) => [start + 1, Math.min(this.#endOf(start, end), this.total)]);
    ranges.sort((a, b) => a[0] - b[0]);
    const merged = [];
    for (const [from, to] of ranges) {
      if (to < from) continue;
      const last = merged[merged.length - 1];
      if (last && from <= last.to + 1) last.to = Math.max(last.to, to);
      else merged.push({ from, to });
    }
    let before = 0;
    for (const range of merged) {
      range.before = before;
      before += range.to - range.from + 1;
    }
    this.#hidden = merged;
    this.count = this.total - before;
  }

  /** How many groups the line stands in. */
  depth(line) {
    let low = 0;
    let high = this.#depths.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#depths[middle][0] <= line) low = middle + 1;
      else high = middle;
    }
    return low ? this.#depths[low - 1][1] : 0;
  }

  /** The line shown in row `row`, counted from 0. */
  lineOf(row) {
    let line = row + 1;
    for (const { from, to } of this.#hidden) {
      if (line < from) break;
      line += to - from + 1;
    }
    return line;
  }

  /** The row that shows `line`, or the one of the heading it is folded under. */
  rowOf(line) {
    let before = 0;
    for (const { from, to } of this.#hidden) {
      if (line < from) break;
      if (line <= to) return from - 2 - before;
      before += to - from + 1;
    }
    return line - 1 - before;
  }

  get hidden() {
    return this.#hidden;
  }
}
