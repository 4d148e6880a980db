// The page of API keys: what it says to type is what works.

import assert from "node:assert/strict";
import { api } from "../support/browser.js";
import { invite } from "../support/people.js";
import { hasPython, snippets } from "../support/snippets.js";

const PERSON = { email: "katherine@example.org", password: "a password of my own" };

export const scenarios = [
  ["the keys page gives what a client needs", async ({ world, open, close }) => {
    const page = await open(`/o/${world.org}/keys`);
    const [url, key] = [await page.textContent("#api-url"), await page.textContent("#publishable-key")];
    assert.equal(url, world.server.url);
    assert.ok((await page.textContent("#connect pre")).includes(`createClient("${url}", "${key}")`));
    const ask = (apikey) => fetch(`${url}/rest/v1/rpc/list_projects`, { headers: { apikey, "accept-profile": "ops" } });
    const stranger = await ask(key);
    assert.deepEqual([stranger.status, (await stranger.json()).code], [401, "42501"], "the key alone opens nothing");
    await page.fill("#token-name", "reader");
    await page.click("text=Make token");
    await page.waitForSelector("dialog input");
    const token = await page.inputValue("dialog input");
    await page.click("dialog >> text=Done");
    const projects = await (await ask(token)).json();
    assert.ok(projects.some((project) => project.slug === "shop"), "a token made here reads what its maker may");
    await page.click('[aria-label="Copy the URL"]');
    await page.waitForSelector("#toasts >> text=Copied");
    await close(page);
  }],

  ["the snippets run as they stand, and are copied whole", async ({ world, open, close }) => {
    const page = await open(`/o/${world.org}/keys`);
    const { link } = await invite(page, PERSON.email, "viewer");
    const guest = await open(link, { storageState: undefined });
    await guest.waitForSelector("#new");
    await api(guest, "PUT", "/api/ops/password", { new_password: PERSON.password });
    await close(guest);
    const org = await page.evaluate(() => document.body.dataset.orgId);
    const { token } = await api(page, "POST", `/api/ops/orgs/${org}/tokens`, { name: "snippet", scopes: ["read"] });

    const code = Object.fromEntries(await page.$$eval(".example pre", (all) => all.map((block) => [block.id.replace("-code", ""), block.textContent])));
    assert.deepEqual(Object.keys(code), Object.keys(snippets));
    for (const [language, text] of Object.entries(code)) {
      if (language === "python" && !hasPython()) {
        console.log("the Python snippet was not run: supabase-py is not installed here");
        continue;
      }
      const projects = await snippets[language](text, language === "curl" ? token : PERSON);
      assert.ok(projects.some((project) => project.slug === "shop"), `${language} lists the projects`);
    }

    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.click('[aria-label="Copy JavaScript"]');
    await page.waitForSelector("#toasts >> text=Copied");
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), code.js);
    await close(page);
  }],
];
