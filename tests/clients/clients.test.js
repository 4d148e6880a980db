// Supabase's own clients against a real server: what works with Supabase works here. One file: the tests share a server.

import { after, before, test } from "node:test";
import { startFaults } from "./support/faults.js";
import { pythonSuite } from "./support/python.js";
import { startServer } from "./support/server.js";
import { makeWorld } from "./support/world.js";
import { scenarios as docs } from "./js/docs.js";
import { scenarios as edgeFunctions } from "./js/edge_functions.js";
import { scenarios as errors } from "./js/errors.js";
import { scenarios as functions } from "./js/functions.js";
import { scenarios as keys } from "./js/keys.js";
import { makeProject } from "./js/project.js";
import { scenarios as reads } from "./js/reads.js";
import { scenarios as signIn } from "./js/sign_in.js";
import { scenarios as tenants } from "./js/tenants.js";
import { scenarios as writes } from "./js/writes.js";

let server, world, faults;

before(async () => {
  server = await startServer();
  [world, faults] = await Promise.all([makeWorld(server), startFaults(server.status.API_URL)]);
  await makeProject(world, "First");
}, { timeout: 180_000 });

after(async () => {
  await faults?.stop();
  await server?.stop();
});

const wanted = process.env.PLIMSOLL_SCENARIO && new RegExp(process.env.PLIMSOLL_SCENARIO);

// One after the other: a claim takes whatever build waits.
for (const [name, scenario] of [...functions, ...signIn, ...reads, ...writes, ...errors, ...keys, ...edgeFunctions, ...tenants, ...pythonSuite, ...docs]) {
  test(name, { timeout: 240_000, skip: Boolean(wanted) && !wanted.test(name) }, async (t) => {
    await scenario({ server, world, faults, part: (what, check) => t.test(what, check) });
  });
}
