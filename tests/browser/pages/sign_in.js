import assert from "node:assert/strict";
import { BAD_LINK } from "../support/people.js";

export const scenarios = [
  ["a link signs in once, and the second time says why not", async ({ world, open, close }) => {
    const link = await world.server.signInLink();
    const page = await open(link, { storageState: undefined });
    await page.waitForURL(/\/o\/[^/]+\/projects$/);
    assert.ok(!page.url().includes("token"), "the secret does not stay in the address");
    world.session = await page.context().storageState();
    world.org = new URL(page.url()).pathname.split("/")[2];
    await close(page);

    const again = await open(link, { storageState: undefined });
    await again.waitForURL(BAD_LINK);
    assert.match(await again.textContent("main"), /used already/);
    await close(again);
  }],

  ["a page asked for without a session comes after signing in; a wrong password is told next to the form", async ({ world, open, close }) => {
    const page = await open(`/o/${world.org}/settings`, { storageState: undefined });
    assert.match(page.url(), /\/signin\?next=/);
    await page.fill("#email", "nobody@example.org");
    await page.fill("#password", "not the password");
    await page.click("button");
    await page.waitForFunction(() => /no account/i.test(document.querySelector(".form-error").textContent));
    await close(page);
  }],

  ["the empty page leads to the first project, whose branches appear by themselves", async ({ world, open, close }) => {
    const page = await open(`/o/${world.org}/projects`);
    await page.click("text=Add a repository");
    await page.fill("#repo_url", world.repository.path);
    assert.notEqual(await page.inputValue("#name"), "", "the name is taken from the address");
    await page.fill("#name", "Shop");
    await page.click("text=Add project");
    await page.waitForURL(/\/projects\/shop$/);
    await page.waitForSelector('.lane[data-stage="production"] >> text=main', { timeout: 60_000 });
    await page.waitForSelector('.lane[data-stage="development"] >> text=broken');
    world.project = new URL(page.url()).pathname;
    await close(page);
  }],
];
