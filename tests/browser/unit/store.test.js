import assert from "node:assert/strict";
import test from "node:test";
import { LogStore, PAGE } from "../../../crates/console/web/log/store.js";

const lines = (first, count, text = (n) => `line ${n}`) => ({ first_line: first, ts: Array(count).fill(0), kind: Array(count).fill(0), text: Array.from({ length: count }, (_, n) => text(first + n)) });

test("lines that arrive twice or with a gap are neither doubled nor lost", async () => {
  const asked = [];
  const store = new LogStore({ total: 0, changed() {}, fetchLines: async (from, limit) => (asked.push(from), { ...lines(from, limit), total: 2000 }) });
  store.put(lines(1, 10));
  store.put(lines(5, 10));
  assert.equal(store.total, 14);
  store.put(lines(700, 5));
  assert.equal(store.total, 704);
  assert.equal(store.get(20), undefined, "the gap is asked for");
  const found = await store.range(18, 703);
  assert.deepEqual([found.length, found[0].text, found.at(-1).text], [686, "line 18", "line 703"]);
  assert.deepEqual([...new Set(asked)].sort((a, b) => a - b), [1, PAGE + 1]);
});

test("a long log does not fill the memory", async () => {
  const store = new LogStore({ total: 1_000_000, changed() {}, fetchLines: async (from, limit) => lines(from, limit) });
  for (let page = 0; page < 400; page += 1) await store.load(page);
  let kept = 0;
  for (let line = 1; line < 400 * PAGE; line += PAGE) if (store.get(line)) kept += 1;
  assert.ok(kept <= 120, `${kept} pages`);
});

test("colours run on within a stream and not into the other", () => {
  const store = new LogStore({ total: 0, changed() {}, fetchLines: async () => lines(1, 0) });
  const batch = lines(1, 3, (n) => ["\x1b[31mred", "error stream", "still red"][n - 1]);
  batch.kind[1] = 1 << 5;
  store.put(batch);
  assert.equal(store.pieces(2)[0].style.fg, null);
  assert.equal(store.pieces(3)[0].style.fg, 1);
});
