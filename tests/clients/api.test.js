// The whole API from its own description, by schemathesis: requests good and bad, no answer that is not described, no 5xx.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { addBuilds, makeProject } from "./js/project.js";
import { directly, python } from "./support/python.js";
import { startServer } from "./support/server.js";
import { good, makeWorld } from "./support/world.js";

/** Requests generated for each operation in the last of the phases; those before it have as many as the description has cases. */
const EXAMPLES = process.env.PLIMSOLL_API_EXAMPLES ?? "20";

/** Left out, and why. */
const LEFT_OUT = {
  "/logs/stream$|/events/stream$": "server-sent events: they do not end",
  "/runner/v1/claim$": "a long poll: it waits for a build as long as it is told to",
};

let server, world, ids;

before(async () => {
  server = await startServer();
  world = await makeWorld(server);
  const project = await makeProject(world, "Described");
  const [build] = await addBuilds(world, project);
  const advisory = { org_id: project.org_id, project_id: project.id, severity: "info", category: "cost", title: "Idle", recommendation: "Archive it" };
  const { id: advisory_id } = good(await (await world.as("service")).schema("ops").from("advisories").insert(advisory).select("id").single());
  ids = { org_id: world.orgs.acme, project_id: project.id, branch_id: project.branches.main.id, build_id: build.id, advisory_id, user_id: world.people.viewer.id };
}, { timeout: 180_000 });

after(() => server?.stop());

/** Runs it as one caller; the answer is what it printed. */
function explore(headers) {
  const folder = mkdtempSync(path.join(tmpdir(), "plimsoll-api-"));
  const args = [
    "-c", "from schemathesis.cli import schemathesis; schemathesis()", "--config-file", path.join(import.meta.dirname, "schemathesis.toml"),
    "run", `${world.url}/openapi.json`, "--phases", "examples,coverage,fuzzing", "--checks", "not_a_server_error,status_code_conformance",
    "--max-examples", EXAMPLES, "--generation-deterministic", "--continue-on-failure", "--no-color", "--warnings", "off",
    "--exclude-path-regex", Object.keys(LEFT_OUT).join("|"), ...headers.flatMap((header) => ["--header", header]),
  ];
  const env = directly({ PYTHONPATH: path.join(import.meta.dirname, "python"), PYTHONDONTWRITEBYTECODE: "1", SCHEMATHESIS_HOOKS: "api_hooks", PLIMSOLL_IDS: JSON.stringify(ids) });
  return new Promise((resolve) => {
    execFile(python, args, { env, cwd: folder, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      rmSync(folder, { recursive: true, force: true });
      resolve({ ok: !error, said: stdout + stderr });
    });
  });
}

const callers = {
  "nobody": async () => [],
  "a developer, with a token": async () => [`authorization: Bearer ${(await (await world.as("developer")).auth.getSession()).data.session.access_token}`],
  "the service key": async () => [`authorization: Bearer ${world.status.SERVICE_ROLE_KEY}`],
};

for (const [who, headers] of Object.entries(callers)) {
  test(`openapi.json: every answer to ${who} is one that is described`, { timeout: 240_000 }, async () => {
    const { ok, said } = await explore(await headers());
    assert.ok(ok, said.slice(-40_000));
    const cases = Number(said.match(/(\d+) generated/)?.[1]);
    assert.ok(cases > 500, `only ${cases} requests were made:\n${said.slice(-4_000)}`);
  });
}
