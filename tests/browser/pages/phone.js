// How lists stand on a phone: what a reader would call crooked.

import assert from "node:assert/strict";
import { api } from "../support/browser.js";
import { invite, remove } from "../support/people.js";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** The boxes of each row that fits, and of what it holds, by selector. */
const rows = (page, selector, parts) =>
  page.$$eval(
    selector,
    (all, wanted) => all.map((row) => Object.fromEntries(wanted.map((part) => {
      const { left, right, top, bottom } = (part === "row" ? row : row.querySelector(part)).getBoundingClientRect();
      return [part, { left, right, top, bottom }];
    }))),
    parts,
  );
const near = (a, b, words) => assert.ok(Math.abs(a - b) <= 1, `${words}: ${a} and ${b}`);

export const scenarios = [
  ["on a phone the rows of a list begin at one edge and end at the other", async ({ world, open, close }) => {
    const page = await open(`/o/${world.org}/projects`, PHONE);
    const org = await page.evaluate(() => document.body.dataset.orgId);
    const { id } = await api(page, "POST", `/api/ops/orgs/${org}/projects`, { repo_url: world.repository.path, name: "a-project-with-a-name-that-is-too-long-for-a-phone" });
    await page.reload();
    const projects = await rows(page, ".projects > li", ["row", ".name", ".small", ".status", ".when"]);
    assert.ok(projects.length > 1);
    const heading = await page.$eval("h1", (node) => node.getBoundingClientRect().left);
    for (const { row, ".name": name, ".small": address, ".status": status, ".when": when } of projects) {
      near(row.left, heading, "lines begin where the heading does");
      near(name.left, heading, "names");
      near(address.left, heading, "addresses");
      near(status.right, row.right, "statuses");
      near(when.right, row.right, "times");
      near((name.top + name.bottom) / 2, (status.top + status.bottom) / 2, "name and status are one line");
    }
    const add = await page.$eval('.actions [href$="/new"]', (node) => node.getBoundingClientRect().right);
    near(add, projects[0].row.right, "the button ends where the rows do");
    await api(page, "POST", `/api/ops/projects/${id}/archive`, {});
    await close(page);
  }],

  ["on a phone a row's bin stands at the end of its first line", async ({ world, open, close }) => {
    const owner = await open(`/o/${world.org}/keys`);
    const org = await owner.evaluate(() => document.body.dataset.orgId);
    await api(owner, "POST", `/api/ops/orgs/${org}/tokens`, { name: "laptop", scopes: ["read"] });
    const { user_id } = await invite(owner, "mary.with.a.rather.long.address@department.example.org", "viewer");
    // Buttons are larger under a finger than under a mouse.
    for (const options of [PHONE, { viewport: PHONE.viewport }]) {
      const page = await open(null, options);
      for (const [path, list, name] of [["keys", ".token-list", ".name"], ["settings", ".member-list", ".clip"]]) {
        await page.goto(`/o/${world.org}/${path}`);
        const found = await rows(page, `${list} > li:has(> .button)`, ["row", name, ".button svg"]);
        assert.ok(found.length > 0, path);
        for (const { row, [name]: title, ".button svg": bin } of found) {
          near(bin.right, row.right, `${path}: the bin's edge`);
          near((bin.top + bin.bottom) / 2, (title.top + title.bottom) / 2, `${path}: name and bin are one line`);
        }
      }
      await close(page);
    }
    await remove(owner, user_id);
    await close(owner);
  }],

  ["code that goes on to the right fades there, and its end can be read", async ({ world, open, close }) => {
    const page = await open(`/o/${world.org}/keys`, PHONE);
    const code = await page.$eval("#js-code", (pre) => {
      pre.scrollLeft = pre.scrollWidth;
      const range = document.createRange();
      range.selectNodeContents(pre);
      const { width } = getComputedStyle(pre.parentNode, "::after");
      const end = Math.max(...[...range.getClientRects()].map(({ right }) => right));
      return { overflows: pre.scrollWidth > pre.clientWidth, end, fade: pre.getBoundingClientRect().right - parseFloat(width) };
    });
    assert.ok(code.overflows);
    assert.ok(code.end <= code.fade, `scrolled to its end, the text ends at ${code.end}, before the fade at ${code.fade}`);
    await close(page);
  }],

  ["a button beside a field is as high as the field", async ({ world, open, close }) => {
    for (const options of [{}, PHONE]) {
      const page = await open(`/o/${world.org}/settings`, options);
      for (const form of ["#members .form.inline", "#limit .form.inline"]) {
        const heights = await page.$$eval(`${form} :is(input, select, .button)`, (all) => all.map((node) => node.getBoundingClientRect().height));
        assert.equal(new Set(heights).size, 1, `${form}: ${heights}`);
      }
      await close(page);
    }
  }],
];
