import assert from "node:assert/strict";

const card = (name, stage) => `.lane[data-stage="${stage}"] .branch[data-name="${name}"]`;

export const scenarios = [
  ["a branch is moved by keys, by menu and by drag", async ({ world, open, close }) => {
    const page = await open(world.project);
    await page.focus(`${card("idle", "development")} a.name`);
    await page.keyboard.press("[");
    await page.waitForSelector(card("idle", "staging"));
    await page.waitForFunction(() => document.activeElement?.closest("[data-branch]")?.dataset.name === "idle");
    await page.keyboard.press("]");
    await page.waitForSelector(card("idle", "development"));
    await page.click(`${card("idle", "development")} summary`);
    await page.click(`${card("idle", "development")} [data-move-to="staging"]`);
    await page.waitForSelector(card("idle", "staging"));
    await page.dragAndDrop(`${card("idle", "staging")} a.name`, '.lane[data-stage="development"] header');
    await page.waitForSelector(card("idle", "development"));
    await page.reload();
    await page.waitForSelector(card("idle", "development"));
    await close(page);
  }],

  ["nothing is moved onto production, and the branch says why", async ({ world, open, close }) => {
    const page = await open(world.project);
    await page.click(`${card("idle", "development")} summary`);
    await page.click(`${card("idle", "development")} [data-move-to="production"]`);
    await page.waitForFunction(() => /merge idle into the production branch/.test(document.querySelector('[data-name="idle"] .refusal').textContent));
    assert.ok(await page.isVisible(card("idle", "development")));
    await page.focus(`${card("main", "production")} a.name`);
    await page.keyboard.press("]");
    await page.waitForFunction(() => /main is production/.test(document.querySelector('[data-name="main"] .refusal').textContent));
    await close(page);
  }],
];
