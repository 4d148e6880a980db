import assert from "node:assert/strict";
import { rows, rowWith, status } from "../support/log.js";

export const scenarios = [
  ["a failed build leads to its failure, its tests and its artifacts", async ({ world, open, close }) => {
    const page = await open(world.project);
    await page.click('[aria-label="Build broken now"]');
    await page.waitForURL(/\/builds\//);
    world.broken = new URL(page.url()).pathname;
    await status(page, "failed");
    await page.click('[data-live="head"] >> text=/^Line \\d+$/');
    await rowWith(page, "assertion failed: left == right");
    const picked = (await rows(page)).find(({ classes }) => classes.includes("picked"));
    assert.match(picked.text, /error: assertion failed/);
    assert.match(page.url(), new RegExp(`#L${picked.n}$`));
    world.failureLine = picked.n;
    await page.click("#tab-tests");
    await page.waitForSelector("#tests >> text=charges_once");
    const [first] = await page.$$eval(".test-list > li", (all) => all.map((row) => row.textContent));
    assert.match(first, /Failed/, "failures come first");
    await page.click("#tab-artifacts");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#artifacts >> text=junit.xml")]);
    assert.equal(await download.failure(), null);
    await close(page);
  }],

  ["a link to lines opens at them, and a range is chosen with Shift", async ({ world, open, close }) => {
    const page = await open(`${world.broken}#L1500`);
    await page.waitForSelector('.ln.picked[data-n="1500"]');
    assert.ok((await rows(page)).some(({ n }) => n === 1500), "in sight");
    await page.click('.ln[data-n="1503"] .no', { modifiers: ["Shift"] });
    assert.match(page.url(), /#L1500-L1503$/);
    const copy = await open(page.url());
    await copy.waitForSelector('.ln.picked[data-n="1503"]');
    assert.equal((await rows(copy)).filter(({ classes }) => classes.includes("picked")).length, 4);
    await close(copy);
    await close(page);
  }],

  ["search walks through what the server found, wherever it is", async ({ world, open, close }) => {
    const page = await open(world.broken);
    await page.waitForSelector(".log-view .ln:not(.wait)");
    await page.keyboard.press("/");
    await page.keyboard.type("number 1234");
    await rowWith(page, "test number 1234 ... ok");
    await page.waitForFunction(() => document.querySelector(".log-search output").textContent === "1 of 1");
    await page.fill(".log-search input", "afterwards 49");
    await page.waitForFunction(() => /^1 of 11$/.test(document.querySelector(".log-search output").textContent));
    await page.press(".log-search input", "Shift+Enter");
    await rowWith(page, "afterwards 499");
    assert.ok(await page.evaluate(() => !CSS.highlights || CSS.highlights.get("log-search")?.size > 0), "what was found is marked");
    await page.fill(".log-search input", "nowhere to be found");
    await page.waitForFunction(() => document.querySelector(".log-search output").textContent === "None");
    await close(page);
  }],

  ["errors are reached by key", async ({ world, open, close }) => {
    const page = await open(`${world.broken}#L1`);
    await page.waitForSelector('.ln.picked[data-n="1"]');
    await page.keyboard.press("f");
    await page.waitForSelector(`.ln.picked[data-n="${world.failureLine}"]`);
    await page.keyboard.press("e");
    await page.waitForFunction((line) => Number(document.querySelector(".ln.picked").dataset.n) !== line, world.failureLine);
    await page.keyboard.press("Shift+E");
    await page.waitForSelector(`.ln.picked[data-n="${world.failureLine}"]`);
    await close(page);
  }],

  ["groups fold, unfold, and open for a line inside", async ({ world, open, close }) => {
    const page = await open(world.project);
    await page.click('.branch[data-name="main"] a.name');
    await page.waitForSelector(".ln.head.group");
    await page.keyboard.press("Home");
    const group = page.locator(".ln.head.group [data-fold]").first();
    const start = Number(await group.getAttribute("data-fold"));
    assert.equal(await group.getAttribute("aria-expanded"), "false", "a finished group without errors starts folded");
    await group.click();
    await page.waitForSelector(`.ln[data-n="${start + 5}"]`);
    await page.locator(`[data-fold="${start}"]`).click();
    await page.waitForSelector(`.ln[data-n="${start + 5}"]`, { state: "detached" });
    await page.evaluate((line) => (location.hash = `#L${line}`), start + 5);
    await page.waitForSelector(`.ln.picked[data-n="${start + 5}"]`);
    const green = await page.$eval(`.ln[data-n="${start + 5}"] .tx span`, (node) => node.className);
    assert.equal(green, "b f2", "colours are classes");
    await close(page);
  }],

  ["100,000 lines scroll smoothly and keep the page small", async ({ world, open, close }) => {
    const page = await open(world.project);
    await page.click('[aria-label="Build large now"]');
    await page.waitForURL(/\/builds\//);
    await status(page, "success");
    await page.waitForFunction(() => /Complete · 100,0\d\d lines/.test(document.querySelector(".log-state").textContent));
    await page.focus(".log-view");
    await page.keyboard.press("End");
    await rowWith(page, "line 100000 of very many");
    const frames = await page.evaluate(async () => {
      const view = document.querySelector(".log-view");
      const work = [];
      for (let n = 0; n < 120; n += 1) {
        view.scrollTop = (view.scrollHeight * ((n * 37) % 120)) / 120;
        await new Promise(requestAnimationFrame);
        const start = performance.now();
        void view.offsetHeight;
        await new Promise((resolve) => setTimeout(resolve));
        work.push(performance.now() - start);
      }
      work.sort((a, b) => a - b);
      return { median: work[60], elements: document.querySelectorAll("*").length };
    });
    assert.ok(frames.elements < 2_500, `${frames.elements} elements`);
    assert.ok(frames.median < 50, `a frame took ${frames.median} ms`);
    await page.evaluate(() => (location.hash = "#L54321"));
    await page.waitForSelector('.ln.picked[data-n="54321"]:not(.wait)');
    await page.keyboard.press("w");
    await page.waitForSelector(".log-view.wrapped");
    assert.ok((await rows(page)).some(({ n }) => n === 54321), "wrapping keeps the place");
    await close(page);
  }],
];
