import assert from "node:assert/strict";
import test from "node:test";
import { regionsOf, Rows } from "../../../crates/console/web/log/folds.js";
import { Heights } from "../../../crates/console/web/log/heights.js";
import { linesOf } from "../../../crates/console/web/log/lines.js";

const MARKS = [
  { line: 2, kind: "step", label: "one" },
  { line: 4, kind: "group", label: "outer" },
  { line: 5, kind: "group", label: "inner" },
  { line: 7, kind: "group_end", label: "" },
  { line: 9, kind: "group_end", label: "" },
  { line: 12, kind: "step", label: "two" },
  { line: 14, kind: "group", label: "open" },
];

function make(total) {
  const rows = new Rows();
  rows.setTotal(total);
  rows.setRegions(regionsOf(MARKS, total));
  return rows;
}

test("steps end where the next begins, groups nest, the last ones are open", () => {
  const found = regionsOf(MARKS, 20).map(({ label, start, end, done }) => [label, start, end, done]);
  assert.deepEqual(found, [["one", 2, 11, true], ["outer", 4, 9, true], ["inner", 5, 7, true], ["two", 12, 20, false], ["open", 14, 20, false]]);
});

test("lines and rows are each other's way back, whatever is folded", () => {
  const total = 40;
  for (let mask = 0; mask < 32; mask += 1) {
    const rows = make(total);
    [2, 4, 5, 12, 14].forEach((start, n) => mask & (1 << n) && rows.fold(start, true));
    let last = 0;
    for (let row = 0; row < rows.count; row += 1) {
      const line = rows.lineOf(row);
      assert.ok(line > last && line <= total, `${mask}: row ${row} is line ${line} after ${last}`);
      assert.equal(rows.rowOf(line), row, `${mask}: line ${line}`);
      last = line;
    }
    for (let line = 1; line <= total; line += 1) assert.ok(rows.rowOf(line) >= 0 && rows.rowOf(line) < rows.count, `${mask}: line ${line}`);
  }
});

test("a line that is shown is unfolded first, and an open fold takes in what comes", () => {
  const rows = make(20);
  rows.fold(4, true);
  rows.fold(5, true);
  assert.ok(rows.reveal(6));
  assert.equal(rows.lineOf(rows.rowOf(6)), 6);
  rows.fold(14, true);
  const before = rows.count;
  rows.setTotal(30);
  assert.equal(rows.count, before);
});

test("depth counts the groups around a line", () => {
  const rows = make(20);
  assert.deepEqual([4, 5, 6, 8, 10, 15].map((line) => rows.depth(line)), [0, 1, 2, 1, 0, 1]);
});

test("measured heights move what stands below, folded lines or not", () => {
  const rows = make(1000);
  const heights = new Heights(20);
  heights.set(3, 60);
  heights.set(6, 100);
  assert.equal(heights.top(rows, 3), 100);
  assert.equal(heights.top(rows, 20), 520);
  rows.fold(4, true);
  assert.equal(heights.top(rows, 5), 140, "what line 6 takes is folded away");
  assert.equal(heights.rowAt(rows, 139), 4);
  assert.equal(heights.rowAt(rows, 140), 5);
  assert.equal(heights.set(5000, 40), 20, "the tree grows");
});

test("line links", () => {
  assert.deepEqual(linesOf("#L12"), [12, 12]);
  assert.deepEqual(linesOf("#L20-L12"), [12, 20]);
  for (const bad of ["", "#log", "#L", "#L0", "#Lx", "#L1-"]) assert.equal(linesOf(bad), null, bad);
});
