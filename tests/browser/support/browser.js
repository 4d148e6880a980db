// A headless Chromium, and pages that fail the test when their scripts do.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const CANDIDATES = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export async function startBrowser() {
  const executablePath = CANDIDATES.find((file) => file && existsSync(file));
  assert.ok(executablePath, "no Chromium: install it (Debian: apt-get install chromium) or name it in CHROMIUM");
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

/** A page whose script errors and refused inline code are collected in `problems`. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(error.stack));
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) page.problems.push(message.text());
  });
  return page;
}

export async function closePage(page) {
  const { problems } = page;
  await page.context().close();
  assert.deepEqual(problems, []);
}

/** A call of the console API as the page's own scripts make it. */
export function api(page, method, path, body) {
  return page.evaluate(
    async ([verb, target, payload]) => {
      const answer = await fetch(target, { method: verb, headers: { accept: "application/json", "content-type": "application/json" }, body: payload && JSON.stringify(payload) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${verb} ${target}: ${answer.status} ${text}`);
      return text ? JSON.parse(text) : null;
    },
    [method, path, body],
  );
}
