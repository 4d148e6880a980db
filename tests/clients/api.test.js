// The whole API from its own description, by schemathesis: requests good and bad, no answer that is not described, no 5xx.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { addBuilds, makeProject } from "./js/project.js";
import { directly, python } from "./support/python.js";
import { startServer } from "./support/server.js";
import { good, makeWorld } from "./support/world.js";

/** Phases and requests an operation. Each table has so many parameters that trying all their cases takes a quarter of an hour. */
const SURFACES = {
  ours: ["--include-path-regex", "^/(?!rest/v1)", "--phases", "examples,coverage,fuzzing", "--max-examples", "10"],
  gateway: ["--include-path-regex", "^/rest/v1", "--phases", "examples,fuzzing", "--max-examples", "3"],
};

/** Left out, and why. */
const LEFT_OUT = {
  "/logs/stream$|/events/stream$": "server-sent events: they do not end",
  "/runner/v1/claim$": "a long poll: it waits for a build as long as it is told to",
  "^/auth/v1/logout$|^/signout$": "it ends the session that the other requests are made with",
};

let server, world;

before(async () => {
  server = await startServer();
  world = await makeWorld(server);
}, { timeout: 180_000 });

after(() => server?.stop());

/** Rows for one run: the service key may delete by one request all that there is, and what comes after it found nothing. */
async function makeRows() {
  const service = (await world.as("service")).schema("ops");
  const rows = [];
  for (const n of Array(6).keys()) {
    const project = await makeProject(world, `Described ${n}`);
    const builds = await addBuilds(world, project);
    const advisory = { org_id: project.org_id, project_id: project.id, severity: "info", category: "cost", title: "Idle", recommendation: "Archive it" };
    const { id: advisory_id } = good(await service.from("advisories").insert(advisory).select("id").single());
    rows.push({ org_id: project.org_id, project_id: project.id, branch_id: project.branches.staging.id, build_id: builds[n].id, advisory_id, user_id: world.people[["viewer", "guest"][n % 2]].id, name: "API_KEY" });
  }
  return rows;
}

/** Runs it on one surface as one caller: whether all was well, what it printed, and what each operation answered. */
function explore(surface, headers, rows) {
  const folder = mkdtempSync(path.join(tmpdir(), "plimsoll-api-"));
  const args = [
    "-c", "from schemathesis.cli import schemathesis; schemathesis()", "--config-file", path.join(import.meta.dirname, "schemathesis.toml"),
    "run", `${world.url}/openapi.json`, ...SURFACES[surface], "--checks", "not_a_server_error,status_code_conformance", "--generation-deterministic", "--continue-on-failure", "--no-color", "--warnings", "off",
    "--exclude-path-regex", Object.keys(LEFT_OUT).join("|"), ...headers.flatMap((header) => ["--header", header]),
  ];
  const env = directly({ PYTHONPATH: path.join(import.meta.dirname, "python"), PYTHONDONTWRITEBYTECODE: "1", SCHEMATHESIS_HOOKS: "api_hooks", PLIMSOLL_ROWS: JSON.stringify(rows), PLIMSOLL_ANSWERS: path.join(folder, "answers.json") });
  return new Promise((resolve) => {
    execFile(python, args, { env, cwd: folder, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      const answers = existsSync(env.PLIMSOLL_ANSWERS) ? JSON.parse(readFileSync(env.PLIMSOLL_ANSWERS, "utf8")) : {};
      rmSync(folder, { recursive: true, force: true });
      resolve({ ok: !error, said: stdout + stderr, answers });
    });
  });
}

const nobody = async () => [];
const developer = async () => [`authorization: Bearer ${(await (await world.as("developer")).auth.getSession()).data.session.access_token}`];
const service = async () => [`authorization: Bearer ${world.status.SERVICE_ROLE_KEY}`];

/**
 * Who asks where, how many operations at least must have done what they are for, as else nothing was tried but refusals,
 * and how many at most: the gateway does nothing for nobody.
 */
const RUNS = [
  ["gateway", "nobody", nobody, 0, 0],
  ["gateway", "a developer", developer, 25],
  ["gateway", "the service key", service, 80],
  ["ours", "nobody", nobody, 8],
  ["ours", "a developer", developer, 35],
  // Last: it changes the keys that the others' tokens are signed with.
  ["ours", "the service key", service, 45],
];

for (const [surface, who, headers, least, most = Infinity] of RUNS) {
  test(`openapi.json, ${surface}: every answer to ${who} is one that is described`, { timeout: 600_000 }, async () => {
    const { ok, said, answers } = await explore(surface, await headers(), await makeRows());
    assert.ok(ok, said.slice(-40_000));
    const done = Object.keys(answers).filter((operation) => answers[operation].some((status) => status < 300));
    assert.ok(done.length >= least && done.length <= most, `of ${Object.keys(answers).length}, these ${done.length} did anything: ${done.join(", ")}`);
    assert.ok(Object.keys(answers).length > 50, "all of the description was read");
  });
}
