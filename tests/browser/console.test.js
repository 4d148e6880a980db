// The console as people use it, over a real server, a real runner and real git. One file: the tests share a server.

import { tmpdir } from "node:os";
import { after, before, test } from "node:test";
import { closePage, openPage, startBrowser } from "./support/browser.js";
import { makeRepository } from "./support/repository.js";
import { startServer } from "./support/server.js";
import { scenarios as everywhere } from "./pages/everywhere.js";
import { scenarios as keys } from "./pages/keys.js";
import { scenarios as lanes } from "./pages/lanes.js";
import { scenarios as log } from "./pages/log.js";
import { scenarios as live } from "./pages/live.js";
import { scenarios as people } from "./pages/people.js";
import { scenarios as phone } from "./pages/phone.js";
import { scenarios as signIn } from "./pages/sign_in.js";

const world = {};

before(async () => {
  world.repository = makeRepository();
  [world.server, world.browser] = await Promise.all([startServer(), startBrowser()]);
}, { timeout: 180_000 });

after(async () => {
  await world.browser?.close();
  await world.server?.stop();
  world.repository?.remove();
});

const wanted = process.env.PLIMSOLL_SCENARIO && new RegExp(process.env.PLIMSOLL_SCENARIO);

// In this order: the first signs in and adds the project that the others use.
for (const [name, scenario] of [...signIn, ...live, ...log, ...lanes, ...everywhere, ...people, ...keys, ...phone]) {
  const skip = Boolean(wanted) && !signIn.some(([first]) => first === name) && !wanted.test(name);
  test(name, { timeout: 240_000, skip }, async () => {
    const open = async (path, options = {}) => {
      const page = await openPage(world.browser, { storageState: world.session, baseURL: world.server.url, ...options });
      if (path) await page.goto(path);
      return page;
    };
    const opened = [];
    try {
      await scenario({ world, open: async (...args) => opened[opened.push(await open(...args)) - 1], close: closePage });
    } catch (error) {
      // What the reader saw, for whoever mends it.
      for (const page of opened.filter((each) => !each.isClosed())) console.log(`${name}: ${page.url()}`, page.problems, await page.screenshot({ path: `${tmpdir()}/plimsoll-${name.replace(/\W+/g, "-")}.png` }).then(() => "", String));
      throw error;
    }
  });
}
