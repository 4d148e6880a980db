import assert from "node:assert/strict";
import test from "node:test";
import { nameFrom } from "../../../crates/console/web/actions.js";
import { refusal } from "../../../crates/console/web/stages.js";
import { score } from "../../../crates/console/web/score.js";
import { ago, took } from "../../../crates/console/web/times.js";

test("times read as the server writes them", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  const at = (seconds) => ago(now - seconds * 1000, now);
  assert.deepEqual([3, 59, 7300, -90, 86400 * 40].map(at), ["just now", "59s ago", "2h ago", "in 1m", null]);
  assert.deepEqual([440, 12000, 185000, 7440000].map(took), ["0.4s", "12s", "3m 05s", "2h 04m"]);
});

test("a repository's address gives its name", () => {
  for (const address of ["https://git.example.com/acme/shop.git", "git@git.example.com:acme/shop.git", "/srv/git/shop/", "C:\\work\\shop"]) assert.equal(nameFrom(address), "shop", address);
});

test("production is neither a target nor left by a move", () => {
  assert.match(refusal("fix", "development", "production"), /merge fix/);
  assert.match(refusal("main", "production", "staging"), /main is production/);
  assert.equal(refusal("fix", "development", "staging"), undefined);
});

test("the palette prefers beginnings of words and letters that stand together", () => {
  const best = (query, texts) => texts.map((text) => [score(query, text), text]).filter(([points]) => points !== null).sort((a, b) => b[0] - a[0])[0]?.[1];
  assert.equal(best("set", ["Audit of Set-ups and reports", "Settings", "Reset"]), "Settings");
  assert.equal(best("fpt", ["feature/pay-twice", "fix/apart"]), "feature/pay-twice");
  assert.equal(score("xyz", "Settings"), null);
});
