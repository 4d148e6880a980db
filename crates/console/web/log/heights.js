// Where rows stand when wrapped lines differ in height: every line has the base height until it was measured.
// A Fenwick tree of what lines have above the base: O(log n) for a change and for a position.

export class Heights {
  constructor(base) {
    this.base = base;
    this.clear();
  }

  clear() {
    this.size = 1024;
    this.tree = new Float64Array(this.size + 1);
    this.own = new Map();
  }

  #grow(line) {
    if (line <= this.size) return;
    while (this.size < line) this.size *= 2;
    this.tree = new Float64Array(this.size + 1);
    for (const [at, value] of this.own) this.#add(at, value);
  }

  #add(line, value) {
    for (let n = line; n <= this.size; n += n & -n) this.tree[n] += value;
  }

  /** Notes a measured height; answers by how much it differs from what was known. */
  set(line, height) {
    const value = height - this.base;
    const change = value - (this.own.get(line) ?? 0);
    if (Math.abs(change) < 0.5) return 0;
    this.#grow(line);
    this.own.set(line, value);
    this.#add(line, change);
    return change;
  }

  /** What lines 1..=line have above the base. */
  above(line) {
    let sum = 0;
    for (let n = Math.min(line, this.size); n > 0; n -= n & -n) sum += this.tree[n];
    return sum;
  }

  /** Where row `row` of `rows` begins, folded lines left out. */
  top(rows, row) {
    const line = rows.lineOf(row) - 1;
    let extra = this.above(line);
    for (const { from, to } of rows.hidden) {
      if (from > line) break;
      extra -= this.above(Math.min(to, line)) - this.above(from - 1);
    }
    return row * this.base + extra;
  }

  /** The row that covers `y`. */
  rowAt(rows, y) {
    let low = 0;
    let high = rows.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.top(rows, middle) <= y) low = middle;
      else high = middle - 1;
    }
    return Math.max(low, 0);
  }
}
