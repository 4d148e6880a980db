import assert from "node:assert/strict";
import { plain } from "../../../crates/console/web/log/ansi.js";
import { until } from "../support/server.js";
import { rows, rowWith, status } from "../support/log.js";

async function build(page, branch) {
  await page.click(`[aria-label="Build ${branch} now"]`);
  await page.waitForURL(/\/builds\/[0-9a-f-]+/);
  return new URL(page.url()).pathname;
}

const stored = (page) =>
  page.evaluate(async () => {
    const id = document.body.dataset.buildId;
    const answer = await fetch(`/api/ops/builds/${id}/logs?from=1&limit=10000`);
    return answer.json();
  });

export const scenarios = [
  ["a build is watched live from queued to success without a reload", async ({ world, open, close }) => {
    const page = await open(world.project);
    await build(page, "main");
    await page.evaluate(() => (window.sameDocument = true));
    await rowWith(page, "slow line 5 of");
    await rowWith(page, "slow line 60 of");
    assert.ok(await page.evaluate(() => document.querySelector("#log-box .pill").hidden), "the newest line is followed");
    await status(page, "success");
    assert.ok(await page.evaluate(() => window.sameDocument), "the same document");
    const steps = await page.$$eval(".rail .step", (all) => all.map((step) => step.textContent.replace(/\s+/g, " ").trim()));
    assert.ok(steps.some((text) => text.includes("Compile")) && steps.some((text) => text.includes("Check")), steps.join("; "));
    assert.match(await page.title(), /^✓/);
    await close(page);
  }],

  ["going up stops following, the pill says what is new and leads back", async ({ world, open, close }) => {
    const page = await open(world.project);
    await build(page, "main");
    await rowWith(page, "slow line 40 of");
    await page.hover(".log-view");
    await page.mouse.wheel(0, -400);
    await page.waitForSelector(".pill:not([hidden])");
    const before = (await rows(page))[0].n;
    await page.waitForFunction(() => /\(\d+ new\)/.test(document.querySelector(".pill").textContent));
    assert.ok(Math.abs((await rows(page))[0].n - before) <= 1, "what is read stays in place");
    await page.click(".pill");
    await page.waitForSelector(".pill", { state: "hidden" });
    await page.click('[data-live="head"] >> text=Cancel');
    await page.click("dialog button.danger");
    await status(page, "cancelled");
    await close(page);
  }],

  ["after a restart of the server the log goes on where it was, without gap or repeat", async ({ world, open, close }) => {
    if (!world.server.canRestart) return;
    const page = await open(world.project);
    await build(page, "main");
    await rowWith(page, "slow line 20 of");
    await page.evaluate(() => (window.sameDocument = true));
    await world.server.restart();
    await status(page, "success");
    await page.keyboard.press("Shift+G");
    await rowWith(page, "all is well");
    assert.ok(await page.evaluate(() => window.sameDocument), "the same document");
    const { text } = await until("the stored log", () => stored(page));
    const slow = text.filter((line) => line.startsWith("slow line")).map((line) => Number(line.split(" ")[2]));
    assert.deepEqual(slow, Array.from({ length: 200 }, (_, n) => n + 1), "the server has every line once");
    const total = text.length;
    await page.waitForFunction((lines) => document.querySelector(".log-state").textContent.includes(`Complete · ${lines.toLocaleString()} lines`), total);
    // What the reader sees is what is stored, line by line.
    for (let from = 1; from <= total; from += 25) {
      await page.evaluate((line) => (location.hash = `#L${line}`), from);
      await page.waitForSelector(`.ln.picked[data-n="${from}"]:not(.wait)`);
      for (const row of await rows(page)) if (!row.classes.includes("head") && !row.classes.includes("wait")) assert.equal(row.text, plain(text[row.n - 1]), `line ${row.n}`);
    }
    await close(page);
  }],
];
