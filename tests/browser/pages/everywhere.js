import assert from "node:assert/strict";
import { faults } from "../support/accessible.js";

const paths = ({ org, project, broken }) => [
  `/o/${org}/projects`, `/o/${org}/projects/new`, project, `${project}/builds`, `${project}/builds?status=failed`, broken, `${broken}#tests`, `${broken}#attempts`,
  `/o/${org}/runners`, `/o/${org}/audit`, `/o/${org}/keys`, `/o/${org}/settings`, "/no/such/page",
];

export const scenarios = [
  ["every page has names, labels and contrast, light and dark", async ({ world, open, close }) => {
    for (const colorScheme of ["light", "dark"]) {
      const page = await open(null, { colorScheme });
      for (const path of ["/signin", ...paths(world)]) {
        await page.goto("about:blank");
        await page.goto(path);
        await page.waitForLoadState("load");
        if (path.startsWith(world.broken)) await page.waitForSelector(".log-tools", { state: "attached" });
        assert.deepEqual(await page.evaluate(faults), [], `${path}, ${colorScheme}`);
      }
      await close(page);
    }
  }],

  ["no page is wider than a phone", async ({ world, open, close }) => {
    const page = await open(null, { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true });
    for (const path of paths(world)) {
      await page.goto("about:blank");
      await page.goto(path);
      if (path.startsWith(world.broken)) await page.waitForSelector(".log-tools", { state: "attached" });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 360, `${path} is ${width} wide`);
    }
    await close(page);
  }],

  ["every page reads without scripts, and has a JSON twin", async ({ world, open, close }) => {
    const page = await open(null, { javaScriptEnabled: false });
    for (const path of paths(world).slice(0, -1).filter((each) => !each.includes("#"))) {
      const answer = await page.goto(path);
      assert.equal(answer.status(), 200, path);
      assert.ok((await answer.body()).length < 60_000, path);
      assert.ok(await page.isVisible("h1"), path);
      const twin = await page.request.get(path, { headers: { accept: "application/json" } });
      assert.match(twin.headers()["content-type"], /application\/json/, path);
      assert.equal(typeof (await twin.json()), "object", path);
    }
    await page.goto(world.broken);
    assert.match(await page.textContent(".log-static"), /afterwards 500/);
    assert.ok(await page.isVisible("text=charges_once"), "all parts of a build are there");
    await close(page);
  }],

  ["the palette reaches projects, branches, builds and pages by key", async ({ world, open, close }) => {
    const page = await open(`/o/${world.org}/projects`);
    const go = async (words, wanted) => {
      await page.keyboard.press("Control+k");
      await page.waitForSelector("#palette input:focus");
      await page.keyboard.type(words);
      await page.waitForFunction((text) => document.querySelector('#palette [aria-selected="true"]')?.textContent.startsWith(text), wanted);
      await page.keyboard.press("Enter");
      await page.waitForSelector("#palette", { state: "detached" });
    };
    await go("sett", "Settings");
    await page.waitForURL(/\/settings$/);
    await go("shop", "Shop");
    await page.waitForURL(/\/projects\/shop$/);
    await go("broken", "broken");
    await page.waitForURL(/builds\?branch=/);
    await go("shop #1", "Shop #1 ");
    await page.waitForURL(/\/builds\/[0-9a-f-]+$/);
    await close(page);
  }],

  ["the help lists the keys, and a chosen theme stays", async ({ world, open, close }) => {
    const page = await open(`/o/${world.org}/projects`, { colorScheme: "light" });
    await page.keyboard.press("?");
    await page.waitForSelector("dialog >> text=Go to runners");
    await page.keyboard.press("Escape");
    await page.click("[data-theme-toggle]");
    await page.reload();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await page.waitForURL(/\/runners$/);
    await close(page);
  }],

  ["secrets are shown once: a token, a webhook secret, an invitation that works", async ({ world, open, close }) => {
    const page = await open(`/o/${world.org}/keys`);
    await page.fill("#token-name", "CI");
    await page.click("text=Make token");
    await page.waitForSelector("dialog input");
    assert.match(await page.inputValue("dialog input"), /^plim_api_/);
    await page.click("dialog >> text=Done");
    await page.waitForSelector('[data-live="tokens"] >> text=CI');
    await page.goto(`/o/${world.org}/settings`);
    await page.click("text=Make a new secret");
    await page.waitForSelector("dialog input");
    await page.click("dialog >> text=Done");
    await page.fill("#invite-email", "grace@example.org");
    await page.selectOption("#invite-role", "viewer");
    await page.click("text=Make invite link");
    await page.waitForSelector("dialog input");
    const link = await page.inputValue("dialog input");
    await page.click("dialog >> text=Done");
    await page.waitForSelector('[data-live="members"] >> text=grace@example.org');
    const guest = await open(link, { storageState: undefined });
    await guest.click("text=Skip for now");
    await guest.waitForURL(/\/projects$/);
    await guest.goto(world.broken);
    assert.equal(await guest.locator("text=Rebuild").count(), 0, "a viewer is not offered what would be refused");
    await close(guest);
    await page.click('[aria-label="Remove grace@example.org"]');
    await page.click("dialog button.danger");
    await page.waitForSelector('[data-live="members"] >> text=grace@example.org', { state: "detached" });
    await close(page);
  }],

  ["what is refused is said next to the control", async ({ world, open, close }) => {
    const page = await open(`/o/${world.org}/projects/new`);
    await page.click("text=Add project");
    await page.waitForFunction(() => document.querySelector(".form-error").textContent.startsWith("Repository:"));
    assert.equal(await page.getAttribute("#repo_url", "aria-invalid"), "true");
    await page.fill("#repo_url", "ext::sh -c true");
    await page.fill("#name", "Trick");
    await page.click("text=Add project");
    await page.waitForFunction(() => {
      const words = document.querySelector(".form-error").textContent;
      return words && !words.startsWith("Repository:");
    });
    await close(page);
  }],
];
