// Who comes by invitation, and who is gone.

import assert from "node:assert/strict";
import { faults } from "../support/accessible.js";
import { BAD_LINK, invite, remove } from "../support/people.js";

const PASSWORD = "a password of my own";

export const scenarios = [
  ["who was invited is asked for a password, goes on, and comes back by it", async ({ world, open, close }) => {
    const owner = await open(`/o/${world.org}/projects`);
    const { link } = await invite(owner, "hedy@example.org", "viewer");
    const page = await open(`${link}&next=${encodeURIComponent(`${world.project}/builds?status=failed`)}`, { storageState: undefined });
    await page.waitForSelector("h1 >> text=Choose a password");
    assert.ok(!page.url().includes("token"), "the secret does not stay in the address");
    assert.match(await page.textContent("main"), /hedy@example\.org/);
    assert.equal(await page.inputValue('[autocomplete="username"]'), "hedy@example.org", "password managers file it under the address");
    assert.deepEqual(await page.evaluate(faults), []);
    await page.fill("#new", "short");
    await page.click("text=Set password");
    await page.waitForFunction(() => document.querySelector(".form-error").textContent.startsWith("Password:"));
    await page.fill("#new", PASSWORD);
    await page.click("text=Set password");
    await page.waitForURL(/\/builds\?status=failed$/);
    await page.goto(`/password?next=${encodeURIComponent("//example.org")}`);
    await page.waitForURL(/\/projects$/);
    await close(page);

    const back = await open("/signin", { storageState: undefined });
    await back.fill("#email", "hedy@example.org");
    await back.fill("#password", PASSWORD);
    await back.click("main button");
    await back.waitForURL(/\/projects$/);
    await close(back);
    await close(owner);
  }],

  ["a password may be left for later, in Settings", async ({ world, open, close }) => {
    const owner = await open(`/o/${world.org}/projects`);
    const { link } = await invite(owner, "edsger@example.org", "developer");
    const page = await open(link, { storageState: undefined });
    await page.click("text=Skip for now");
    await page.waitForURL(/\/projects$/);
    await page.goto(`/o/${world.org}/settings#account`);
    assert.equal(await page.locator("#current").count(), 0, "nobody is asked for a password they do not have");
    await page.fill("#new", PASSWORD);
    await page.click("text=Set password");
    await page.waitForSelector("#current");
    assert.ok(await page.isVisible("text=Change password"));
    await page.fill("#current", "not the password");
    await page.fill("#new", `${PASSWORD}, another`);
    await page.click("text=Change password");
    await page.waitForFunction(() => document.querySelector("#account .form-error").textContent.includes("not that"));
    // What is current on the page is fetched again and again; it takes neither the words nor what was typed away.
    await page.evaluate(async () => {
      const { name } = performance.getEntriesByType("resource").find((entry) => entry.name.endsWith("/live.js"));
      await (await import(name)).refresh();
    });
    assert.match(await page.textContent("#account .form-error"), /not that/);
    assert.equal(await page.inputValue("#new"), `${PASSWORD}, another`);
    await page.fill("#current", PASSWORD);
    await page.click("text=Change password");
    await page.waitForSelector("text=Password changed");
    await page.waitForFunction(() => document.querySelector("#new").value === "");
    await close(page);
    await close(owner);
  }],

  ["a used link says so, and what to do", async ({ world, open, close }) => {
    const owner = await open(`/o/${world.org}/projects`);
    const { link, user_id } = await invite(owner, "barbara@example.org", "viewer");
    const page = await open(link, { storageState: undefined });
    await page.click("text=Skip for now");
    await page.waitForURL(/\/projects$/);
    const stranger = await open(link, { storageState: undefined });
    await stranger.waitForURL(BAD_LINK);
    assert.match(await stranger.textContent("main"), /used already.*ask .* for a new one/is);
    assert.equal(await stranger.locator("text=signs you in once").count(), 0);
    assert.equal(await stranger.locator("main input:visible").count(), 2, "a password still works");
    assert.deepEqual(await stranger.evaluate(faults), []);
    await close(stranger);
    await page.goto(link);
    await page.waitForURL(BAD_LINK);
    assert.equal(await page.locator("main input:visible").count(), 0, "who is signed in need not sign in");
    assert.deepEqual(await page.evaluate(faults), []);
    await page.click("main >> text=Continue");
    await page.waitForSelector("h1 >> text=Choose a password");
    await page.click("text=Skip for now");
    await page.waitForURL(/\/projects$/);
    await remove(owner, user_id);
    await close(page);
    await close(owner);
  }],

  ["who was removed is told so, and may leave or begin anew", async ({ world, open, close }) => {
    const owner = await open(`/o/${world.org}/projects`);
    const { link, user_id } = await invite(owner, "alan@example.org", "viewer");
    const page = await open(link, { storageState: undefined });
    await page.click("text=Skip for now");
    await page.waitForURL(/\/projects$/);
    await remove(owner, user_id);
    for (const path of [`/o/${world.org}/projects`, "/"]) {
      await page.goto(path);
      await page.waitForSelector("h1 >> text=You belong to no organisation");
      assert.match(await page.textContent("main"), /alan@example\.org.*removed you.*invitation link/s);
      assert.equal(await page.locator('main a.button[href="/"]').count(), 0, "no button leads back here");
      assert.deepEqual(await page.evaluate(faults), []);
    }
    await page.fill("#org-name", "Alan & Co.");
    await page.click("text=Make organisation");
    await page.waitForURL(/\/o\/alan-co\/projects$/);
    assert.ok(await page.isVisible("text=Add a repository"), "it is theirs");
    await close(page);

    const second = await invite(owner, "kurt@example.org", "viewer");
    const other = await open(second.link, { storageState: undefined });
    await other.waitForSelector("h1 >> text=Choose a password");
    await remove(owner, second.user_id);
    await other.goto("/");
    await other.click("text=Sign out");
    await other.waitForURL(/\/signin$/);
    await close(other);
    await close(owner);
  }],
];
