// Text and what it stands on, in both themes, by WCAG 2.2 AA (1.4.3): 4.5 to 1.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const css = readFileSync(new URL("../../../crates/console/web/tokens.css", import.meta.url), "utf8");
const tokens = Object.fromEntries([...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [name, { light, dark }]));

const INKS = ["text", "text-soft", "text-faint", "accent", "ok", "bad", "warn", "idle", ...Array.from({ length: 16 }, (_, n) => `ansi-${n}`)];
const PAIRS = [
  ...INKS.map((ink) => [ink, "bg"]),
  ...["text", "text-soft", "text-faint"].flatMap((ink) => ["bg-sunken", "bg-hover", "bg-float"].map((paper) => [ink, paper])),
  ["ok", "ok-bg"], ["bad", "bad-bg"], ["warn", "warn-bg"], ["idle", "idle-bg"], ["accent", "accent-bg"],
  ["text", "bad-bg"], ["text", "warn-bg"], ["text", "idle-bg"], ["text", "accent-bg"], ["text", "mark"], ["text-soft", "idle-bg"],
  ["accent", "bad-bg"], ["accent", "idle-bg"], ["text-faint", "bad-bg"], ["text-faint", "warn-bg"],
  ["on-accent", "accent"], ["on-accent", "accent-strong"], ["bg", "bad"],
];

const light = (hex) => {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (ink, paper) => {
  const [a, b] = [light(ink), light(paper)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
};

for (const theme of ["light", "dark"]) {
  test(`contrast, ${theme}`, () => {
    const low = PAIRS.map(([ink, paper]) => [`${ink} on ${paper}`, contrast(tokens[ink][theme], tokens[paper][theme])]).filter(([, ratio]) => ratio < 4.5);
    assert.deepEqual(low.map(([pair, ratio]) => `${pair}: ${ratio.toFixed(2)}`), []);
  });
}
